"""Do the programs that read our formats read our files? Loads each with the real tool and compares the numbers.

    python -m pip install opensim movement pandas      # beside the extras c3d, netcdf and parquet
    .venv/bin/python tools/check_interchange.py [FOLDER]

FOLDER holds what `posture analyze ... --export all` wrote; without it two people with gaps are made up
(`round_trip.py`). A tool that is not installed is named as not tried.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from round_trip import made

from posture.interchange import FORMATS, Motion
from posture.interchange.axes import y_up
from posture.interchange.writing import written

TOLERANCE_M, TOLERANCE_PX, TOLERANCE_DEG = 2e-5, 0.006, 0.01


def _one(folder: Path, suffix: str) -> Path:
    return sorted(folder.glob(f"*{suffix}"))[0]


def _close(found: object, expected: object, tolerance: float) -> str:
    """Compare; missing has to be missing in both."""
    a, b = np.asarray(found, float), np.asarray(expected, float)
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance, equal_nan=True)
    return f"{a.size} numbers, {np.isnan(a).mean():.1%} missing, as they should be"


def opensim_trc(folder: Path, motion: Motion) -> str:
    """OpenSim's own reader of markers."""
    import opensim

    table = opensim.TimeSeriesTableVec3(str(_one(folder, ".trc")))
    found = np.array([[list(table.getRowAtIndex(i)[k].to_numpy()) for k in range(table.getNumColumns())]
                      for i in range(table.getNumRows())])  # fmt: skip
    return _close(found, y_up(motion.world_m[:, 0]), TOLERANCE_M)


def opensim_mot(folder: Path, motion: Motion) -> str:
    """OpenSim's `Storage`, which its tools read motions with."""
    import opensim

    path = _one(folder, ".mot")
    storage = opensim.Storage(str(path))
    labels = [storage.getColumnLabels().get(i) for i in range(storage.getColumnLabels().getSize())]
    lines = FORMATS["mot"].read(path, None)
    rows = [storage.getStateVector(i) for i in range(storage.getSize())]
    values = np.array([[row.getData().get(i) for i in range(row.getData().getSize())] for row in rows])
    if not storage.isInDegrees() or not np.isfinite(values).all():
        raise AssertionError("not in degrees, or with holes")
    columns = [labels.index(name) - 1 for name in lines.angle_names]
    bridged = np.where(np.isnan(lines.angles[:, 0]), values[:, columns], lines.angles[:, 0])
    return _close(values[:, columns], bridged, TOLERANCE_DEG)


def ezc3d_c3d(folder: Path, motion: Motion) -> str:
    """The reader of biomechanics tools."""
    import ezc3d

    points = ezc3d.c3d(str(_one(folder, ".c3d")))["data"]["points"][:3].T / 1000
    flat = y_up(motion.world_m).reshape(len(points), -1, 3)
    return _close(points, flat, TOLERANCE_M)


def movement_netcdf(folder: Path, motion: Motion) -> str:
    """`movement` takes a dataset for its own and computes on it."""
    import xarray
    from movement.kinematics import compute_forward_displacement
    from movement.validators.datasets import ValidPosesInputs

    data = xarray.load_dataset(_one(folder, ".nc"), engine="h5netcdf")
    ValidPosesInputs.validate(data)
    compute_forward_displacement(data.position)
    return _close(data.position.transpose("time", "individuals", "keypoints", "space"), motion.image_px, TOLERANCE_PX)


def pandas_tables(folder: Path, motion: Motion) -> str:
    """Parquet and long CSV are the same table."""
    import pandas

    left = pandas.read_parquet(_one(folder, ".parquet"))
    right = pandas.read_csv(_one(folder, ".long.csv"))
    right = right[right.person.notna()].reset_index(drop=True)
    if list(left.keypoint.astype(str)) != list(right.keypoint) or list(left.person.astype(str)) != list(right.person):
        raise AssertionError("other rows")
    columns = ["time_s", "x_px", "y_px", "x_m", "y_m", "z_m", "confidence"]
    return _close(left[columns], right[columns], TOLERANCE_PX)


def from_opensim(folder: Path, motion: Motion) -> str:
    """A TRC file that OpenSim wrote is read by us."""
    import opensim

    table = opensim.TimeSeriesTableVec3(str(_one(folder, ".trc")))
    with tempfile.TemporaryDirectory() as other:
        opensim.TRCFileAdapter().write(table, f"{other}/opensim.trc")
        found = FORMATS["trc"].read(Path(other, "opensim.trc"), None)
    return _close(found.world_m[:, 0], motion.world_m[:, 0], TOLERANCE_M)


def from_movement(folder: Path, motion: Motion) -> str:
    """A dataset that went through `movement`'s own functions and file is read by us."""
    import xarray
    from movement.filtering import filter_by_confidence

    data = xarray.load_dataset(_one(folder, ".nc"), engine="h5netcdf")
    data["position"] = filter_by_confidence(data.position, data.confidence, threshold=0.0)
    data.attrs.pop("log", None)
    with tempfile.TemporaryDirectory() as other:
        data.to_netcdf(f"{other}/movement.nc", engine="h5netcdf")
        found = FORMATS["netcdf"].read(Path(other, "movement.nc"), None)
    return _close(found.image_px, motion.image_px, TOLERANCE_PX)


TOOLS: dict[str, Callable[[Path, Motion], str]] = {
    "OpenSim, TRC": opensim_trc,
    "OpenSim, MOT": opensim_mot,
    "ezc3d, C3D": ezc3d_c3d,
    "movement, netCDF": movement_netcdf,
    "pandas, Parquet and CSV": pandas_tables,
    "from OpenSim, TRC": from_opensim,
    "from movement, netCDF": from_movement,
}


def check(folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Name of the tool, what it said, and whether that is good."""
    motion = FORMATS["wide"].read(_one(folder, ".wide.csv"), None)
    for name, run in TOOLS.items():
        try:
            yield name, run(folder, motion), True
        except ImportError as exc:
            yield name, f"not tried: {exc}", True
        except (AssertionError, ValueError, RuntimeError) as exc:
            yield name, str(exc), False


def main() -> int:
    """0 where every tool that is installed agrees."""
    if len(sys.argv) > 1:
        return _told(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        return _told(Path(folder))


def write(folder: Path) -> None:
    """Every format of a motion that is even in time, so that the even formats can be compared with it too."""
    with written(made(jitter_s=0.0), tuple(FORMATS), folder / "made", overwrite=True):
        pass


def _told(folder: Path) -> int:
    good = True
    for name, words, fine in check(folder):
        print(f"{'ok    ' if fine else 'FAILED'} {name}: {words}")
        good &= fine
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
