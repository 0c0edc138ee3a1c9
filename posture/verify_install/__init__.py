"""Are the files of this installation those that were installed? Compared with the RECORD files of the installer.

RECORD (packaging.python.org/specifications/recording-installed-packages) names every file of a distribution with its
hash. That finds accidental change and simple tampering. It does not find who changes RECORD as well: whoever can write
the files can write it too. Looked at are the distributions that the program needs and those that Python runs or imports
by itself when it starts; not Python itself, nor compiled files (`__pycache__`).
"""
