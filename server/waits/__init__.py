"""How long will it be? Models learned from the store's own visits, roll-outs of the actual state, honest ranges.

Pure: standard library, numpy and ``server.rules`` only; no clock, no input or output, and every random
number comes from a seed that the caller gives. Read in this order: ``situation`` (the state as the
estimate sees it), ``parameters`` (what is believed about the store), ``sampling`` and ``rollouts`` (the
futures), ``estimator`` (ranges out of futures), ``promise`` (what people are told), then ``models``
(how the beliefs are learned) and ``baselines`` (what others would have said).
"""
