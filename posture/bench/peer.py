"""MediaPipe 0.10.21 legacy Pose, complexity 1, smoothing, on one video: `python peer.py CLIP [FRAMES]`.

Runs in an environment of its own (its numpy and OpenCV differ from ours), so it imports nothing of this package and
prints the JSON line of `measured.Measured` itself. Decoding is MediaPipe's usual one: cv2.VideoCapture and BGR to RGB.
"""

import json
import os
import resource
import sys
import threading
import time

began_s = time.perf_counter()
WARM_UP_FRAMES = 5


def peak_memory_mib() -> float:
    """Peak resident set; as `posture.privacy.limits.peak_memory`."""
    try:
        with open("/proc/self/status") as status:
            return int(status.read().partition("VmHWM:")[2].split()[0]) / 1024
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def end_with_parent(parent: int) -> None:
    """As in `measured.Stopwatch`."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def main() -> None:
    """Run the peer and print its cost."""
    import cv2  # type: ignore[import-not-found,unused-ignore]
    import mediapipe  # type: ignore[import-not-found,unused-ignore]

    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else sys.maxsize
    video = cv2.VideoCapture(sys.argv[1])
    pose = mediapipe.solutions.pose.Pose(model_complexity=1, smooth_landmarks=True)
    count = poses = 0
    wall_s = cpu_s = start_s = 0.0
    while count < limit:
        found, picture = video.read()
        if not found:
            break
        result = pose.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        poses += result.pose_landmarks is not None
        count += 1
        if count == WARM_UP_FRAMES:
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            start_s = wall_s - began_s
    line = {
        "frames": count - WARM_UP_FRAMES,
        "wall_s": time.perf_counter() - wall_s,
        "cpu_s": time.process_time() - cpu_s,
        "start_s": start_s,
        "peak_memory_mib": peak_memory_mib(),
        "poses": poses,
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
