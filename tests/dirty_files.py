"""Pictures and videos that tell more than they show, made on the spot: marks in each place that metadata may stand in.

Every mark of `SECRETS` stands in every file, so a test can look for all of them and for each way of writing them.
"""

import io
import struct
import zlib
from fractions import Fraction

import av
import numpy as np
from PIL import Image, ImageCms

SECRETS = ("Ada Planted", "SN-0815-4711", "patient file 12", "47.376888")
TEXT = " | ".join(SECRETS)
XMP = (
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{TEXT}</dc:creator><exif:GPSLatitude>1</exif:GPSLatitude>'
    "<xmpMM:DocumentID>1</xmpMM:DocumentID></x:xmpmeta>"
).encode()
TURNED = 6
"""The orientation of every picture that can have one."""


def pixels(height=48, width=64):
    """Noise in large squares, uint8 RGB."""
    random = np.random.default_rng(7)
    return random.integers(0, 255, (height // 8, width // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)


def picture():
    return Image.fromarray(pixels())


def exif(orientation=TURNED):
    """Position, device, dates, names, a maker's note, and a preview of another picture."""
    made = Image.Exif()
    made[0x0112], made[0x010F], made[0x0110], made[0x013B] = orientation, TEXT, TEXT, TEXT
    made[0x0132], made[0x9C9D] = "2023:05:17 08:41:23", TEXT.encode("utf-16-le")
    inner = made.get_ifd(0x8769)
    inner[0x9003], inner[0xA431], inner[0x927C], inner[0x9286] = (
        "2023:05:17 08:41:23",
        TEXT,
        TEXT.encode(),
        TEXT.encode(),
    )
    position = made.get_ifd(0x8825)
    position[1], position[2], position[0x1D] = "N", (47.0, 22.0, 36.8), "2023:05:17"
    return made.tobytes()


def profile(text=TEXT):
    """A colour profile (sRGB) with a text in its description."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack_from(">I", made, 128)[0]
    body = b"text" + bytes(4) + text.encode() + b"\0"
    for number in range(count):  # the entry of the copyright, which now lies at the end
        place = 132 + 12 * number
        if made[place : place + 4] == b"cprt":
            made = made[: place + 4] + struct.pack(">II", len(made), len(body)) + made[place + 12 :] + body
    return struct.pack(">I", len(made)) + made[4:]


def segment(marker, body):
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(**options):
    file = io.BytesIO()
    picture().save(file, "JPEG", exif=exif(), icc_profile=profile(), comment=TEXT.encode(), **options)
    plain, text = file.getvalue(), TEXT.encode()
    extra = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP) + segment(0xED, b"Photoshop 3.0\0" + text)
    extra += (
        segment(0xE5, text) + segment(0xEB, text) + segment(0xE2, b"MPF\0" + text) + segment(0xE0, b"JFXX\0" + text)
    )
    inside = io.BytesIO()
    Image.new("RGB", (16, 16)).save(inside, "JPEG", comment=text)
    return plain[:2] + extra + plain[2:] + inside.getvalue() + b"\0\0\0\x18ftypmp42" + text


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(**options):
    file = io.BytesIO()
    picture().save(file, "PNG", exif=exif(), icc_profile=profile(), **options)
    plain, text = file.getvalue(), TEXT.encode()
    extra = chunk(b"tEXt", b"Author\0" + text) + chunk(b"zTXt", b"C\0\0" + zlib.compress(text))
    extra += chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP) + chunk(b"tIME", bytes((7, 231, 5, 17, 8, 41, 23)))
    return plain[:33] + extra + chunk(b"prVt", text) + plain[33:] + text


def apng():
    return png(save_all=True, append_images=[Image.new("RGB", (64, 48), "red")], duration=100)


def webp(**options):
    file = io.BytesIO()
    picture().save(file, "WEBP", exif=exif(), icc_profile=profile(), xmp=XMP, lossless=True, **options)
    text = TEXT.encode() + b"\0" * (len(TEXT) % 2)
    body = file.getvalue()[8:] + b"prVt" + struct.pack("<I", len(text)) + text
    return b"RIFF" + struct.pack("<I", len(body)) + body + text


def moving_webp():
    return webp(save_all=True, append_images=[Image.new("RGB", (64, 48), "red")], duration=100)


def gif():
    file = io.BytesIO()
    first, second = picture().quantize(64), Image.new("P", (64, 48), 3)
    first.save(file, "GIF", save_all=True, append_images=[second], loop=0, duration=100, comment=TEXT.encode())
    text = TEXT.encode()
    blocks = bytes((len(text),)) + text + b"\0"
    foreign = b"\x21\xff\x0bXMP DataXMP" + blocks + b"\x21\x01\x0c" + bytes(12) + blocks
    return file.getvalue()[:-1] + foreign + b"\x3b" + text


def tiff():
    file = io.BytesIO()
    made = Image.Exif()
    made.load(exif())
    made[700], made[33723], made[34377] = XMP, TEXT.encode(), TEXT.encode()
    other = Image.new("RGB", (64, 48), "red")
    options = {"exif": made.tobytes(), "icc_profile": profile()}
    picture().save(file, "TIFF", save_all=True, append_images=[other], **options)
    return file.getvalue() + TEXT.encode()


def bmp():
    file = io.BytesIO()
    picture().save(file, "BMP")
    return file.getvalue() + TEXT.encode()


def avif():
    file = io.BytesIO()
    picture().save(file, "AVIF", exif=exif(), icc_profile=profile(), xmp=XMP)
    text = TEXT.encode()
    return file.getvalue() + struct.pack(">I4s", 8 + len(text), b"prVt") + text


def jp2():
    file = io.BytesIO()
    picture().save(file, "JPEG2000", comment=TEXT.encode())
    text = TEXT.encode()
    return file.getvalue() + struct.pack(">I4s", 24 + len(text), b"uuid") + bytes(16) + text


PICTURES = {
    "jpg": jpeg,
    "progressive.jpg": lambda: jpeg(progressive=True),
    "png": png,
    "moving.png": apng,
    "webp": webp,
    "moving.webp": moving_webp,
    "gif": gif,
    "tif": tiff,
    "bmp": bmp,
    "avif": avif,
    "jp2": jp2,
}


def message(payload):
    """A unit of H.264 with a message of user data."""
    body = bytes(16) + payload
    return b"\0\0\0\1\x06\x05" + bytes((len(body),)) + body.replace(b"\0\0", b"\0\0\x03") + b"\x80"


def video(kind="mp4", *, codec="libx264", sound=True, pictures=12):
    """Tags, chapters, attachments, subtitles and messages inside of the stream, as far as the container holds them."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        container.metadata.update({"title": TEXT, "comment": TEXT, "artist": TEXT})
        container.metadata["location"] = "+47.376888+008.541694/"
        container.metadata["creation_time"] = "2023-05-17T08:41:23Z"
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.metadata.update({"title": TEXT, "handler_name": TEXT})
        heard = (
            container.add_stream("pcm_s16le" if kind == "avi" else "aac", rate=8000, layout="mono") if sound else None
        )
        if kind == "matroska":
            container.add_attachment("notes.txt", "text/plain", TEXT.encode())
            chapter = {"id": 1, "start": 0, "end": 400, "time_base": Fraction(1, 1000), "metadata": {"title": TEXT}}
            container.set_chapters([chapter])
        for number in range(pictures):
            frame = av.VideoFrame.from_ndarray(np.roll(pixels(), 2 * number, 1), "rgb24")
            container.mux([_marked(packet, codec) for packet in stream.encode(frame)])
        container.mux([_marked(packet, codec) for packet in stream.encode(None)])
        if heard is not None:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 4000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            container.mux(heard.encode(frame))
            container.mux(heard.encode(None))
    made = file.getvalue()
    return made + struct.pack(">I4s", 8 + len(TEXT), b"free") + TEXT.encode() if kind in ("mp4", "mov") else made


def _marked(packet, codec):
    """The packet with a message in front."""
    if codec != "libx264":
        return packet
    fresh = av.Packet(message(TEXT.encode()) + bytes(packet))
    fresh.pts, fresh.dts, fresh.time_base, fresh.duration = packet.pts, packet.dts, packet.time_base, packet.duration
    fresh.is_keyframe, fresh.stream = packet.is_keyframe, packet.stream
    return fresh


VIDEOS = {"mp4": "mp4", "mov": "mov", "mkv": "matroska", "avi": "avi"}


def left(content, also=()):
    """Which secrets stand in it: in UTF-8, UTF-16 or deflated."""
    parts = [content, *also, *inflated(content)]
    forms = {secret: (secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")) for secret in SECRETS}
    return {secret for secret, ways in forms.items() if any(way in part for way in ways for part in parts)}


def inflated(content):
    for place in range(len(content) - 1):
        if content[place] == 0x78 and content[place + 1] in (0x01, 0x5E, 0x9C, 0xDA):
            try:
                yield zlib.decompressobj().decompress(content[place:])
            except zlib.error:
                continue


def box(kind, content):
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind, version, content, flags=0):
    return box(kind, struct.pack(">I", version << 24 | flags) + content)


def tiled_avif():
    """A picture of two tiles, as phones store theirs, with EXIF, a preview and a turn; put together by hand.

    Item 1 is the grid, 2 and 3 are its tiles, 4 a preview of another picture, 5 the EXIF block.
    """
    tiles = [np.ascontiguousarray(pixels(64, 64)), np.full((64, 64, 3), 90, np.uint8), np.zeros((64, 64, 3), np.uint8)]
    coded = [_av1_of(tile) for tile in tiles]
    grid = bytes((0, 0, 0, 1)) + struct.pack(">HH", 128, 64)
    block = len(b"Exif\0\0").to_bytes(4, "big") + exif(1)
    infos = [(1, b"grid", 0), (2, b"av01", 1), (3, b"av01", 1), (4, b"av01", 0), (5, b"Exif", 0)]
    entries = b"".join(
        full(b"infe", 2, struct.pack(">HH4sB", number, 0, kind, 0), flag) for number, kind, flag in infos
    )
    references = box(b"dimg", struct.pack(">HHHH", 1, 2, 2, 3)) + box(b"thmb", struct.pack(">HHH", 4, 1, 1))
    references += box(b"cdsc", struct.pack(">HHH", 5, 1, 1))
    properties = [full(b"ispe", 0, struct.pack(">II", 128, 64)), full(b"ispe", 0, struct.pack(">II", 64, 64))]
    properties += [full(b"pixi", 0, bytes((3, 8, 8, 8))), box(b"irot", b"\1"), coded[0][0], box(b"udes", TEXT.encode())]
    links = [(1, [1, 3, 0x84, 6]), (2, [2, 3, 0x85]), (3, [2, 3, 0x85]), (4, [2, 3, 0x85])]
    ipma = b"".join(struct.pack(">HB", number, len(ones)) + bytes(ones) for number, ones in links)
    iprp = box(b"ipco", b"".join(properties)) + full(b"ipma", 0, struct.pack(">I", len(links)) + ipma)
    payloads = [(2, coded[0][1]), (3, coded[1][1]), (4, coded[2][1]), (5, block)]

    def meta(start):
        places = struct.pack(">HHHHII", 1, 1, 0, 1, 0, len(grid))
        for number, content in payloads:
            places += struct.pack(">HHHHII", number, 0, 0, 1, start, len(content))
            start += len(content)
        iloc = full(b"iloc", 1, b"\x44\0" + struct.pack(">H", 5) + places)
        parts = [
            full(b"hdlr", 0, bytes(4) + b"pict" + bytes(12) + TEXT.encode() + b"\0"),
            full(b"pitm", 0, b"\0\1"),
            iloc,
        ]
        parts += [full(b"iinf", 0, struct.pack(">H", 5) + entries), full(b"iref", 0, references), box(b"iprp", iprp)]
        return full(b"meta", 0, b"".join([*parts, box(b"idat", grid)]))

    head = box(b"ftyp", b"avif" + bytes(4) + b"avifmif1miaf")
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", b"".join(content for _, content in payloads))


def _av1_of(tile):
    """The property `av1C` and the coded bytes of one picture, out of a file of Pillow's."""
    file = io.BytesIO()
    Image.fromarray(tile).save(file, "AVIF", subsampling="4:4:4", quality=60)
    made = file.getvalue()
    place = made.index(b"av1C") - 4
    return made[place : place + int.from_bytes(made[place : place + 4], "big")], made[made.index(b"mdat") + 4 :]


PICTURES["tiled.avif"] = tiled_avif


def clear_avif():
    """With opacity, which is a picture of its own."""
    file = io.BytesIO()
    made = picture()
    made.putalpha(Image.fromarray(pixels()[:, :, 0]))
    made.save(file, "AVIF", exif=exif(), xmp=XMP)
    return file.getvalue()


PICTURES["clear.avif"] = clear_avif
