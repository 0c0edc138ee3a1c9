"""Parquet: the columns of the long CSV with their types, for pandas, R and databases.

Through pyarrow (extra `parquet`). Missing is null. Size of the picture, axes and purpose stand in the metadata.
"""

from pathlib import Path
from typing import Any

import numpy as np

from posture.interchange.motion import Motion, new_motion
from posture.interchange.texts import FIXED, LONG, PARTS, of_parts, parts_of

AXES = "x right, y down, z away from the camera; world origin between the hips; missing is null"


def write(motion: Motion, target: Path) -> None:
    """Write the file `target`."""
    import pyarrow
    import pyarrow.parquet

    frames, people = np.nonzero(motion.seen)
    points = len(motion.names)
    parts = parts_of(motion)[frames, people].reshape(-1, len(PARTS))
    columns: dict[str, Any] = {
        "frame": pyarrow.array(np.repeat(frames, points), pyarrow.int32()),
        "time_s": pyarrow.array(np.repeat(motion.time_s[frames], points)),
        "person": _words(motion.people, np.repeat(people, points)),
        "keypoint": _words(motion.names, np.tile(np.arange(points), len(frames))),
    }
    for part, values in zip(PARTS, parts.T, strict=True):
        columns[part] = pyarrow.array(values.astype(np.float32), mask=~np.isfinite(values))
    size_px = " ".join(map(str, motion.size_px))
    facts = {"axes": AXES, "times_s": _times(motion), "size_px": size_px, "purpose": motion.purpose}
    table = pyarrow.table(columns).replace_schema_metadata(facts)
    pyarrow.parquet.write_table(table, target, compression="zstd")


def read(source: Path, rate_hz: float | None = None) -> Motion:
    """Read a file; `rate_hz` replaces its times. Raises ValueError, OSError."""
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(source, columns=list(LONG))
        frame, time_s, *parts = (table[name].to_numpy() for name in (*FIXED[:2], *PARTS))
        person, keypoint = (table[name].combine_chunks().dictionary_encode() for name in ("person", "keypoint"))
    except pyarrow.ArrowException as exc:
        raise ValueError(str(exc).splitlines()[0]) from exc
    facts = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    times = np.array([float(text) for text in facts.get("times_s", "").split()])
    if not len(times):  # written by somebody else: only frames with somebody in view are known
        _, first, frame = np.unique(frame, return_index=True, return_inverse=True)
        times = time_s[first]
    if rate_hz is not None:
        times = np.arange(len(times)) / rate_hz
    if len(frame) and not 0 <= frame.min() <= frame.max() < len(times):
        raise ValueError("it has rows of frames that it gives no time for")
    people, names = person.dictionary.to_pylist(), keypoint.dictionary.to_pylist()
    whole = np.full((len(times), len(people), len(names), len(PARTS)), np.nan)
    whole[frame, person.indices.to_numpy(), keypoint.indices.to_numpy()] = np.column_stack(parts).astype(float)
    found = of_parts(times, people, names, whole)
    width, height = (int(side) for side in facts.get("size_px", "0 0").split())
    return new_motion(
        times, people, names, image_px=found.image_px, world_m=found.world_m, confidence=found.confidence,
        size_px=(width, height),
    )  # fmt: skip


def _words(words: tuple[str, ...], codes: "np.ndarray[Any, np.dtype[np.int64]]") -> Any:  # noqa: ANN401 - pyarrow's
    import pyarrow

    return pyarrow.DictionaryArray.from_arrays(
        pyarrow.array(codes, pyarrow.int32()), pyarrow.array(words, pyarrow.string())
    )


def _times(motion: Motion) -> str:
    """All times, also of frames with nobody in view, which have no rows."""
    return " ".join(f"{time_s:.6f}" for time_s in motion.time_s)
