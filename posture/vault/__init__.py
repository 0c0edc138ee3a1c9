"""Where everything about a person lies that touches a disk: encrypted, and readable only with a key of its day."""
