"""What encryption costs: a clip and a plain file, written in turns to the same disk in one run."""

import os
import random
import time
from collections.abc import Callable, Iterator

from torture_clips import HEAD, finder, fragment, new_clip, secret
from torture_figure import Asked, Figure

from posture.vault.clip import open_clip, synced
from posture.vault.recipient import X_WING
from posture.vault.speed import measured

RATES_MBIT_S = (20, 80)
"""Of a 4K video: ordinary, and the best that cameras write."""
LEAST_RATIO, MOST_CORE_SHARE = 0.95, 0.01


def speed(asked: Asked) -> Iterator[Figure]:
    """AES alone, one second of video a fragment at the rates of 4K, and reading."""
    aes = measured()
    yield Figure(
        "AES-256-GCM alone, 16 KiB", f"{aes.mb_per_s:,.0f} MB/s, {'in' if aes.hardware else 'without'} hardware"
    )
    for rate in RATES_MBIT_S:
        yield from _at(asked, rate)


def _at(asked: Asked, rate: int) -> Iterator[Figure]:
    """Each fragment has a second; what takes longer is late, and lowers the rate that is reached."""
    draw = random.Random(asked.seed)
    key = secret(X_WING, draw)
    data = fragment(draw, rate * 1_000_000 // 8)
    writer, path = new_clip(asked.folder, key.recipient)
    plain_path = path.with_suffix(".plain")
    with plain_path.open("wb", buffering=0) as plain:

        def bare() -> None:
            plain.write(data)
            synced(plain)

        writer.fragment(HEAD)
        times = [(_taken(bare), _taken(lambda: writer.fragment(data))) for _ in range(asked.times(60, 4))]
    writer.close()
    plain_s, clip_s = ([pair[side] for pair in times] for side in (0, 1))
    size = len(data) / 1e6
    reached = [len(times) * size / sum(max(1.0, wall) for wall, _ in side) for side in (plain_s, clip_s)]
    ratio = reached[1] / reached[0]
    found = f"{reached[0]:.2f} MB/s plain, {reached[1]:.2f} MB/s encrypted: {ratio:.2f}x"
    yield Figure(f"a 4K video of {rate} Mb/s, synced every second", found, ratio < LEAST_RATIO)
    fastest = [len(times) * size / sum(wall for wall, _ in side) for side in (plain_s, clip_s)]
    found = f"{fastest[0]:,.0f} MB/s plain, {fastest[1]:,.0f} MB/s encrypted: {fastest[1] / fastest[0]:.2f}x"
    yield Figure(f"the same fragments as fast as the disk takes them, {size:.1f} MB each", found)
    plain_cpu, clip_cpu = (sum(cpu for _, cpu in side) / len(times) for side in (plain_s, clip_s))
    found = f"{clip_cpu:.2%} of a core, a plain file {plain_cpu:.2%}"
    yield Figure(f"processor time at {rate} Mb/s", found, rate == RATES_MBIT_S[0] and clip_cpu > MOST_CORE_SHARE)
    with path.open("rb") as file:
        reader = open_clip(file, finder(key))
        wall, _ = _taken(reader.readall)
    yield Figure("reading it back", f"{reader.size / 1e6 / wall:,.0f} MB/s")
    os.unlink(path)
    os.unlink(plain_path)


def _taken(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of processor time."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began_s, time.process_time() - cpu_s
