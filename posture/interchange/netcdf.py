"""netCDF in the layout of `movement`: position and confidence over time, space, keypoints and individuals.

Through xarray and h5netcdf (extra `netcdf`). `position` is in pixels (x right, y down); ours beside it is `position_m`,
metres in three dimensions. Missing is NaN. `movement` takes the attributes `ds_type`, `fps`, `time_unit` and
`source_software`; `log` is its own and stays away.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from posture.interchange.motion import Dense, Motion, new_motion

if TYPE_CHECKING:
    import xarray

_DIMENSIONS = ("time", "space", "keypoints", "individuals")
_METRES = ("time", "space_m", "keypoints", "individuals")


def write(motion: Motion, target: Path) -> None:
    """Write the file `target`."""
    import xarray

    coordinates = {
        "time": motion.time_s, "space": ["x", "y"], "space_m": ["x", "y", "z"], "keypoints": list(motion.names),
        "individuals": list(motion.people),
    }  # fmt: skip
    variables = {
        "position": (_DIMENSIONS, motion.image_px.transpose(0, 3, 2, 1), {"unit": "px"}),
        "confidence": (("time", "keypoints", "individuals"), motion.confidence.transpose(0, 2, 1)),
        "position_m": (_METRES, motion.world_m.transpose(0, 3, 2, 1), {"unit": "m"}),
    }  # fmt: skip
    width, height = motion.size_px
    facts = {
        "ds_type": "poses", "fps": motion.rate_hz, "time_unit": "seconds", "source_software": "posture",
        "width_px": width, "height_px": height, "axes": "x right, y down, z away from the camera",
        "purpose": motion.purpose,
    }  # fmt: skip
    xarray.Dataset(variables, coordinates, facts).to_netcdf(target, engine="h5netcdf")


def read(source: Path, rate_hz: float | None = None) -> Motion:
    """Read a file; `rate_hz` replaces its times. Raises ValueError, OSError."""
    import h5py
    import xarray

    try:
        # As a stream: HDF5 locks a file that it opens itself, which the decoding process may not do.
        with source.open("rb") as stream:
            h5py.File(stream).close()  # h5netcdf leaves a half-made object behind where a file is no HDF5
            with xarray.open_dataset(stream, engine="h5netcdf") as found:
                data = found.load()
    except (KeyError, TypeError, RuntimeError, AttributeError) as exc:
        raise ValueError(str(exc)) from exc
    if "position" not in data or set(data["position"].dims) != set(_DIMENSIONS):
        raise ValueError(f"it has no `position` over {', '.join(_DIMENSIONS)}")
    times = data["time"].to_numpy().astype(float)
    if data.attrs.get("time_unit") == "frames" or rate_hz is not None:
        times = np.arange(len(times)) / (rate_hz or float(data.attrs.get("fps") or np.nan))
    if not np.isfinite(times).all():
        raise ValueError("it says nothing of time: give the frame rate with --frame-rate")
    space = [str(name) for name in data["space"].to_numpy()]
    position = _ordered(data["position"], "space")
    metres, sure = data.get("position_m"), data.get("confidence")
    return new_motion(
        times,
        [str(name) for name in data["individuals"].to_numpy()],
        [str(name) for name in data["keypoints"].to_numpy()],
        image_px=position[..., [space.index("x"), space.index("y")]],
        world_m=None if metres is None else _ordered(metres, "space_m"),
        confidence=None if sure is None else _ordered(sure),
        size_px=(int(data.attrs.get("width_px", 0)), int(data.attrs.get("height_px", 0))),
    )


def _ordered(variable: "xarray.DataArray", *last: str) -> Dense:
    """[F, P, K, ...] in our order of dimensions."""
    return np.asarray(variable.transpose("time", "individuals", "keypoints", *last).to_numpy(), float)
