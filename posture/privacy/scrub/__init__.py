"""What is in a file beside its pictures, and the same file without it: pure functions on bytes, an allow-list each.

Every format is walked by its own list of what a picture needs (`jpeg.py`, `png.py`, ...). What is not on the list is
left out and told as a `Finding`, whether anybody knows what it means or not. The coded pixels are copied byte for byte.
Libraries that write metadata (Exiv2, ExifTool's relatives) work the other way round: they remove the blocks they know,
and leave unknown segments, private chunks, bytes behind the end and second pictures; those that do not (Pillow,
libheif) encode the picture anew. So the walks are our own, and Pillow and FFmpeg only say afterwards whether the pixels
are the same.
"""
