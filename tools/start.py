"""Set posture up on this machine and run it. The one command to begin with; it needs nothing but Python.

    python3 tools/start.py                   the main job: analyse the built-in demo and write its report
    python3 tools/start.py test [ARG ...]    run all tests; the arguments go to pytest
    python3 tools/start.py VERB [ARG ...]    the same as: posture VERB ARG ...

This file is kept in words that every Python 3 understands, so that an old one gets an answer and no syntax error.
`environment.py` beside it does the work.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the check is for those who start it with an older one
    sys.exit(
        "posture needs Python 3.11 or newer, and this is Python "
        + sys.version.split()[0]
        + " ("
        + sys.executable
        + ").\nNext: install a newer Python, or start with one that is there, for example: python3.12 tools/start.py"
    )

try:
    import environment
except ImportError as error:
    sys.exit(
        "This Python lacks a part of its standard library ("
        + str(error)
        + ").\nNext: install the whole of it; on Debian and Ubuntu: apt-get install python3 python3-venv"
    )

if __name__ == "__main__":
    environment.main(sys.argv[1:])
