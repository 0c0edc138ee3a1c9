"""Live monitoring: camera → estimate → judge → reminder, in threads of this process. `Monitor` runs it."""
