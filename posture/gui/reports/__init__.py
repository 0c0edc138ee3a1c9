"""The Reports page: what it can show (`draft.py`, without Qt), the preview (`preview.py`), and the page itself.

The preview is the PDF that would be exported, page by page: Qt's engine for HTML is not here, and a text browser would
show another report than the one that leaves.
"""
