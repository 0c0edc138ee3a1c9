"""The Analyse page: files in a queue, and one of them looked at, corrected and reported.

Bench (thread) ─► Case: what was observed ─► Reading: what counts after the review, scored ─► lanes and panel
Reel (thread) ─► FarClip ─► child process: pictures of the file
Desk of changes: an undo stack of reviews, each whole and immutable
"""
