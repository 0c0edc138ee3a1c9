"""The Recordings page: the vault's door, the list of clips, and a player that never puts a picture on a disk.

errands     one thread for what takes time: opening the vault, reading a share, exporting
keeper      the vault as the window sees it: missing, locked or open; locks itself
strength    how long a passphrase would stand
creating    making a vault; unlocking: opening it
clip_words  what is said of a clip; clip_list shows all of them
turning     where in a clip the player is; reel: the thread in which it turns
player      picture, time line and keys
dialogs     what is asked before something leaves, goes or stays longer
page        all of it together
"""
