"""The slip: one layout, written as ESC/POS for a receipt printer, as SVG and as PDF; and the agent that drives the printer."""
