"""Scenario files: a store's day as data. ``model`` says what one is, ``reading`` reads it and names file, line and field of an error."""
