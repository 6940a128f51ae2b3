"""The live store: one actor per store around the pure rules, and the hub that feeds the screens."""
