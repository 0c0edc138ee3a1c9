"""Many files, overnight: the journal, the workers of this machine and of others, and the folder that is watched."""
