"""Decoding alone: one thread, no model. `python -m posture.bench.decode CLIP`."""

import sys

import av

from posture.bench.measured import Measured, Stopwatch
from posture.privacy.limits import peak_memory


def main() -> None:
    """Decode a clip and print the cost."""
    watch, count = Stopwatch(), 0
    with av.open(sys.argv[1], mode="r") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            count += 1
            if count == Stopwatch.WARM_UP_FRAMES:
                watch.lap()
    frames = count - Stopwatch.WARM_UP_FRAMES
    Measured(frames, watch.wall_s, watch.cpu_s, watch.start_s, peak_memory() / 2**20).print()


if __name__ == "__main__":
    main()
