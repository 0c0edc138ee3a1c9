"""The audit log: what the program did, append-only, open to checks, and without any name or picture.

events      what may be written: a literal table of fields for each event
records     one entry as bytes in a file
tree        the Merkle tree over the entries (RFC 6962)
checkpoint  size and root of the tree, signed
folder      the files of a log, its lock and its key
log         appending, recovery after a crash, one file a month
archive     a whole log as a value: read from the folder, or from one exported file
verify      does the log still hold, and does it hold what a checkpoint kept elsewhere has seen?
proof       one entry, or the growth of the log, proven without the log
"""
