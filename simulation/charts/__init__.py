"""Pictures of what the simulation found: one specification each, for the page, for SVG and for PNG (extra ``[charts]``)."""
