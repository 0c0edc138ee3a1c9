"""What the people whom the camera sees may ask for: to see their data, to have it erased, and to say yes and no.

    holdings.py   every file that the program keeps for this user, with its kind and size
    erasure.py    a plan of what goes, then the keys first and the files after them; a killed run is taken up again
    access.py     a copy of everything in open formats, with an index
    consents.py   who was told or agreed, under an alias, encrypted where there is a vault

Nothing here asks anybody anything or prints: the command line and the window do. Whatever takes time calls
`progress(done, of, words)` and looks at `cancelled()` between two steps.
"""
