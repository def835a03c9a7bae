"""How fast Pointworth is, against what somebody would write instead: see RESULTS.md.

``python -m benchmarks`` (``make bench``) measures; each section leaves its figures in ``measured/``
and all of them together make RESULTS.md, so that one section can be measured anew by itself.
"""
