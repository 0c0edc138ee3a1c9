"""How a person reads what went wrong with one of many files."""

import os


def mishap_words(below: str, message: str) -> str:
    """What is said of a file, with its place below the folder: in two folders two files may have one name."""
    if below in message:
        return message
    return f"{below}: {message.removeprefix(below.rpartition(os.sep)[2] + ': ')}"
