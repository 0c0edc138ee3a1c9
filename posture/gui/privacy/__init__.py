"""The Privacy page: what keeps data here, what is kept, and how a person gets a copy of it or has it erased.

office      what takes time: looking at everything, checking the log, copying, erasing
steward     two threads for it, and what came of it
sheet       a table that is as high as its rows
chart       the map of data flows as a picture
cards       one panel a subject, each shows an `Overview`
dialogs     what is asked before a copy is written or everything goes
page        all of it together
"""
