"""The documentation, and what generates the parts of it that repeat the code."""
