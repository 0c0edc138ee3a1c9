"""Keypoints and angles to and from the formats of other programs: one `Motion`, and a reader and a writer a format.

    Observation… ─► Gathering ─► Motion ─► FORMATS[name].write(motion, target)
    file of another program ─► FORMATS[name].read(source, rate_hz) ─► Motion

What people were seen for (`Motion.purpose`) goes where other programs look for such a thing or pass it over: the
metadata of Parquet and netCDF, `info` of COCO, POSTURE:PURPOSE of C3D, the header of MOT. CSV, TRC and OpenPose have
rows, a fixed head and an object for each frame, and no place for it: what is added there breaks their readers.

A writer makes `target`, a file or a folder, and nothing else; that it appears whole or not at all is for the caller.
A reader raises ValueError for what the format does not allow; the caller says which file it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from posture.interchange import c3d, coco, mot, netcdf, openpose, parquet, texts, trc
from posture.interchange.motion import Gathering, Motion

__all__ = ["FORMATS", "Format", "Gathering", "Motion"]


@dataclass(frozen=True)
class Format:
    """One kind of file."""

    title: str
    suffix: str
    """Of the file, without the dot; of a folder, what follows a dash."""
    holds: Literal["image", "world", "angles", "all"]
    """What of a motion it carries: pixels, metres, angles, or all of it."""
    stored: str
    """Unit, and where an axis of space points other than in a `Motion`."""
    write: Callable[[Motion, Path], None]
    read: Callable[[Path, float | None], Motion]
    packages: tuple[str, ...] = ()
    """What has to be installed beside the program: the extra of the format's name brings it."""
    one_person: bool = False
    """A file holds one person: several people are several files."""
    folder: bool = False


FORMATS: dict[str, Format] = {
    "openpose": Format("OpenPose JSON", "openpose", "image", "px", openpose.write, openpose.read, folder=True),
    "coco": Format("COCO keypoints", "coco.json", "image", "px", coco.write, coco.read),
    "trc": Format("TRC markers", "trc", "world", "m, y up", trc.write, trc.read, one_person=True),
    "mot": Format("MOT angles", "mot", "angles", "degrees", mot.write, mot.read, one_person=True),
    "c3d": Format("C3D markers", "c3d", "world", "mm, y up", c3d.write, c3d.read, ("ezc3d",)),
    "wide": Format("CSV, a row a person", "wide.csv", "all", "px, m, degrees", texts.write_wide, texts.read),
    "long": Format("CSV, a row a keypoint", "long.csv", "all", "px, m", texts.write_long, texts.read),
    "parquet": Format("Parquet", "parquet", "all", "px, m", parquet.write, parquet.read, ("pyarrow",)),
    "netcdf": Format(
        "netCDF as movement has it", "nc", "all", "px, m", netcdf.write, netcdf.read, ("xarray", "h5netcdf", "h5py")
    ),
}
