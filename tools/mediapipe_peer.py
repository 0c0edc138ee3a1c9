"""MediaPipe's legacy Pose behind a pipe: runs in `.venv-mediapipe`, started by tools/compare_mediapipe.py.

stdin: pictures, each as two little-endian uint32 (width, height) and width * height * 3 bytes RGB.
stdout: one line `ready`, then for each picture ROW little-endian float64, NaN where MediaPipe gives nothing:
    5           region that the landmark model looked at: centre x, y, width, height (all 0..1), rotation (radians)
    3 x 33 x 7  x, y, z (0..1 of the picture), visibility, world x, y, z (metres) of three trackers: without smoothing,
                with smoothing, and with smoothing on the picture with noise of +-1
With the argument `still` each picture is a new one: the detector always runs, and nothing is smoothed.
"""

import os
import sys
from typing import Any

import numpy as np

RESULT = 33 * 7
ROW = 5 + 3 * RESULT
SEED = 20240501
GRAPH = "mediapipe/modules/pose_landmark/pose_landmark_cpu.binarypb"
SCORES = {  # the graph's own defaults in the Python API: min_detection_confidence, min_tracking_confidence
    "posedetectioncpu__TensorsToDetectionsCalculator.min_score_thresh": 0.5,
    "poselandmarkbyroicpu__tensorstoposelandmarksandsegmentation__ThresholdingCalculator.threshold": 0.5,
}
STREAMS = ["pose_landmarks", "pose_world_landmarks", "pose_rect_from_detection", "pose_rect_from_landmarks"]


def main() -> None:
    """Answer pictures until stdin ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries print; the pipe is for answers only
    still = "still" in sys.argv[1:]
    plain, smooth, noisy = (tracker(smooth=s, still=still) for s in (False, True, True))
    noise = np.random.default_rng(SEED)
    expected = None
    answers.write(b"ready\n")
    answers.flush()
    while (picture := read_picture()) is not None:
        first = plain.process({"image": picture})
        region = first.pose_rect_from_detection or expected
        expected = None if still else first.pose_rect_from_landmarks
        row = [rectangle(region), result(first), result(smooth.process({"image": picture}))]
        shaken = np.clip(picture + noise.integers(-1, 2, picture.shape), 0, 255).astype(np.uint8)
        row.append(result(noisy.process({"image": shaken})))
        answers.write(np.concatenate(row).astype("<f8").tobytes())
        answers.flush()


def tracker(*, smooth: bool, still: bool) -> Any:  # noqa: ANN401 - no types in MediaPipe
    """MediaPipe's Pose graph (full model) with the regions as additional outputs."""
    from mediapipe.python.solution_base import SolutionBase  # type: ignore[import-not-found,unused-ignore]

    options = {
        "model_complexity": 1,
        "smooth_landmarks": smooth and not still,
        "enable_segmentation": False,
        "smooth_segmentation": False,
        "use_prev_landmarks": not still,
    }
    return SolutionBase(binary_graph_path=GRAPH, side_inputs=options, calculator_params=SCORES, outputs=list(STREAMS))


def read_picture() -> "np.ndarray[Any, np.dtype[np.uint8]] | None":
    """The next picture of stdin, None at its end."""
    header = sys.stdin.buffer.read(8)
    if len(header) < 8:
        return None
    width, height = (int(n) for n in np.frombuffer(header, "<u4"))
    pixels = sys.stdin.buffer.read(width * height * 3)
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def rectangle(rect: Any) -> "np.ndarray[Any, Any]":  # noqa: ANN401
    """A NormalizedRect as 5 numbers."""
    if rect is None:
        return np.full(5, np.nan)
    return np.array([rect.x_center, rect.y_center, rect.width, rect.height, rect.rotation])


def result(outputs: Any) -> "np.ndarray[Any, Any]":  # noqa: ANN401
    """One tracker's landmarks as RESULT numbers."""
    if outputs.pose_landmarks is None or outputs.pose_world_landmarks is None:
        return np.full(RESULT, np.nan)
    pairs = zip(outputs.pose_landmarks.landmark, outputs.pose_world_landmarks.landmark, strict=True)
    return np.array([(p.x, p.y, p.z, p.visibility, w.x, w.y, w.z) for p, w in pairs]).ravel()


if __name__ == "__main__":
    main()
