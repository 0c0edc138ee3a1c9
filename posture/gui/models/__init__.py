"""The Models page: what can run here, whether it is what it should be, how fast it is, and what an organisation adds.

shelf.py    the models of this account, looked at, measured, added, removed; knows no window
curator.py  asks the shelf in another thread, and says on Qt's what came of it
page.py     the list, and everything about the one that is chosen
card.py     that one
dialogs.py  what is asked before a model is added or removed
"""
