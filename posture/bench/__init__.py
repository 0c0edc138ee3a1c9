"""`posture bench`: what the engine costs here, as ratios against a floor and a peer in one interleaved run.

Every measurement is a process of its own that prints one JSON line (`Measured`):

    ours.py    the whole product: sandboxed job, observations, table
    whole.py   the same with its reports written, for the benchmark of an hour
    floor.py   the least that the same answer could cost: one decoder thread, planes touched once, the landmark model
    peer.py    MediaPipe 0.10.21, where `.venv-mediapipe` is present (tools/compare_mediapipe.py makes it)

Rounds are interleaved and medians are printed, because other load on the machine changes wall time by a factor of two
and processor time by a few percent.
"""
