"""The touch screen that issues tickets, and the board (TV) that calls them aloud."""
