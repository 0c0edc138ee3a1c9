"""Everything that Qt draws or hears. Nothing else in the program imports Qt."""
