"""Which combination of models is best here: every one that is installed, on one set of labelled pictures.

candidates.py  the combinations: pose models, with a quick and a thorough search, and detectors that were added
one.py         one combination in a process of its own, so that its memory and time are its own
runs.py        starts those processes, one after the other, and puts the results in order
page.py        the result as one HTML file, with the worst cases pictured
"""
