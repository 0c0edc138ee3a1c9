"""What keeps data on this machine: the network block and the process limits (guard)."""
