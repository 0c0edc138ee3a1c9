"""Scenarios of a sitter in the schema of `tools/scenario_file.py`, beside the shared one."""

from typing import Any

UPRIGHT: dict[str, Any] = {}
SLUMP = {"trunk_flexion_deg": 22, "neck_flexion_deg": 18, "head_pitch_deg": 2, "distance_m": 0.62}
MILD_SLUMP = {"trunk_flexion_deg": 17, "neck_flexion_deg": 14, "distance_m": 0.64}
FORWARD = {"trunk_flexion_deg": 4, "neck_flexion_deg": 28, "distance_m": 0.66}
LEAN_LEFT = {"trunk_side_deg": 14, "head_roll_deg": 6}
LEAN_RIGHT = {"trunk_side_deg": -12, "head_roll_deg": -4}
SHRUG = {"shoulder_shrug_m": 0.035}
CLOSE = {"trunk_flexion_deg": 12, "distance_m": 0.42}
DOWN = {"neck_flexion_deg": 10, "head_pitch_deg": 34}
TURNED = {"trunk_twist_deg": 20, "head_yaw_deg": 50}
STANDING = {"standing": True, "distance_m": 0.8}

Step = tuple[float, dict[str, Any], str | list[str], bool | None, dict[str, Any]]


def part(
    seconds: float, person: dict[str, Any], expect: str | list[str], reminder: bool | None = False, **more: Any
) -> Step:
    """One segment; `more` are its other keys."""
    return seconds, person, expect, reminder, more


def scenario(
    *parts: Step, calibration_s: float = 8.0, base: dict[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """A scenario that begins with a calibration; every person is `base` with the changes of the part."""
    timeline: list[dict[str, Any]] = []
    t = 0.0
    for seconds, person, expect, reminder, more in (part(calibration_s, {}, "calibrating"), *parts):
        states = [expect] if isinstance(expect, str) else expect
        timeline.append(
            {
                "t_s": [t, t + seconds],
                "person": {**(base or {}), **person},
                "expect": states,
                "reminder": reminder,
                **more,
            }
        )
        t += seconds
    return {"schema": 1, "timeline": timeline, **fields}


def tour(**fields: Any) -> dict[str, Any]:
    """Every posture once, with good in between."""
    return scenario(
        part(10, UPRIGHT, "good"),
        part(2, {"head_pitch_deg": 30}, ["good", "looking_down"]),
        part(8, UPRIGHT, "good"),
        part(20, SLUMP, "slump", True),
        part(12, UPRIGHT, "good"),
        part(12, DOWN, "looking_down"),
        part(8, UPRIGHT, "good"),
        part(20, FORWARD, "forward_head", True),
        part(12, UPRIGHT, "good"),
        part(10, TURNED, ["turned_away", "unreliable"]),
        part(8, UPRIGHT, "good"),
        part(20, LEAN_LEFT, "lean_left", True),
        part(12, UPRIGHT, "good"),
        part(20, LEAN_RIGHT, "lean_right", True),
        part(12, UPRIGHT, "good"),
        part(20, CLOSE, "too_close", True),
        part(12, UPRIGHT, "good"),
        part(20, SHRUG, "shoulders_raised", True),
        part(12, UPRIGHT, "good"),
        part(10, STANDING, ["standing", "away"]),
        part(10, UPRIGHT, "good"),
        part(10, {"present": False}, "away"),
        part(10, UPRIGHT, "good"),
        settings={"onset_s": 10, "cooldown_s": 20},
        **fields,
    )


def side_tour(**fields: Any) -> dict[str, Any]:
    """What can be told from the side. From there a lean is towards the camera, so it is only not to be mistaken."""
    return scenario(
        part(10, UPRIGHT, "good"),
        part(2, {"head_pitch_deg": 30}, ["good", "looking_down"]),
        part(8, UPRIGHT, "good"),
        part(20, SLUMP, "slump", True),
        part(12, UPRIGHT, "good"),
        part(12, DOWN, "looking_down"),
        part(8, UPRIGHT, "good"),
        part(20, FORWARD, "forward_head", True),
        part(12, UPRIGHT, "good"),
        part(10, TURNED, ["turned_away", "unreliable"]),
        part(8, UPRIGHT, "good"),
        part(20, CLOSE, "too_close", True),
        part(12, UPRIGHT, "good"),
        part(20, SHRUG, "shoulders_raised", True),
        part(12, UPRIGHT, "good"),
        part(10, STANDING, ["standing", "away"]),
        part(10, UPRIGHT, "good"),
        part(10, {"present": False}, "away"),
        part(10, UPRIGHT, "good"),
        settings={"onset_s": 10, "cooldown_s": 20},
        **fields,
    )


MOVED = {"tilt_deg": 4}
SCENARIOS: dict[str, dict[str, Any]] = {
    "front": tour(),
    "low noise": tour(keypoint_noise_px=0.5),
    "high noise": tour(keypoint_noise_px=3),
    "wide and small": tour(camera={"size_px": [640, 480], "fov_deg": 78, "above_eyes_m": 0.1}, keypoint_noise_px=0.7),
    "full hd, narrow": tour(camera={"size_px": [1920, 1080], "fov_deg": 55, "above_eyes_m": 0.15}, keypoint_noise_px=3),
    "laptop": tour(camera={"above_eyes_m": -0.2, "fov_deg": 70}),
    "laptop beside": tour(camera={"above_eyes_m": -0.1, "aside_m": 0.25, "fov_deg": 75}),
    "camera high above": tour(camera={"above_eyes_m": 0.25, "fov_deg": 70}),
    "small person": tour(base={"scale": 0.87}),
    "large person": tour(base={"scale": 1.12}),
    "side, left": side_tour(camera={"view": "left"}),
    "side, right": side_tour(camera={"view": "right", "aside_m": 1.2, "above_eyes_m": 0.1}),
    "side, noisy": side_tour(camera={"view": "side", "aside_m": 2.0}, keypoint_noise_px=2),
    "side, somebody passes": scenario(
        part(10, UPRIGHT, "good"),
        part(15, UPRIGHT, "good", others=[{"distance_m": 1.8, "x_m": -0.9, "moves_to_x_m": 0.9, "standing": True}]),
        part(20, SLUMP, "slump", True, others=[{"distance_m": 2.0, "x_m": -0.9, "moves_to_x_m": 0.9}]),
        part(10, UPRIGHT, "good"),
        part(10, UPRIGHT, "unreliable", others=[{"distance_m": 1.4, "x_m": -0.4}]),
        camera={"view": "side"},
    ),
    "short calibration, mild slump": scenario(
        part(10, UPRIGHT, "good"),
        part(20, MILD_SLUMP, "slump", True),
        part(10, UPRIGHT, "good"),
        calibration_s=6.0,
    ),
    "slow slump": scenario(
        part(10, UPRIGHT, "good"),
        *(
            part(
                4,
                {"trunk_flexion_deg": 2 + 4 * i, "neck_flexion_deg": 4 + 2.8 * i, "distance_m": 0.7 - 0.016 * i},
                ["good", "forward_head", "slump"],
                None,
            )
            for i in range(1, 5)
        ),
        part(25, SLUMP, "slump", None),
        part(10, UPRIGHT, "good"),
    ),
    "chair rolls": scenario(
        part(8, UPRIGHT, "good"),
        part(15, {"x_m": 0.15}, "good"),
        part(15, {"x_m": -0.15, "distance_m": 0.75}, "good"),
        part(15, {"distance_m": 0.9}, "good"),
        part(15, {"distance_m": 0.62}, "good"),
        part(15, {"distance_m": 0.6, "x_m": 0.1}, "good"),
        part(8, UPRIGHT, "good"),
        part(20, {**SLUMP, "x_m": 0.12}, "slump", True),
        part(20, {"distance_m": 0.85}, "good"),
        part(20, {**FORWARD, "distance_m": 0.8}, "forward_head", True),
        settings={"onset_s": 10, "cooldown_s": 20},
    ),
    "chair rolls before a laptop": scenario(
        part(8, UPRIGHT, "good"),
        part(15, {"x_m": 0.15}, "good"),
        part(15, {"distance_m": 0.9}, "good"),
        part(15, {"distance_m": 0.62}, "good"),
        part(8, UPRIGHT, "good"),
        camera={"above_eyes_m": -0.22},
    ),
    "glances": scenario(
        part(10, UPRIGHT, "good"),
        *(
            step
            for i in range(6)
            for step in (
                part(
                    2.5,
                    {"head_pitch_deg": 32} if i % 2 else {"head_yaw_deg": 45},
                    ["good", "looking_down", "turned_away"],
                ),
                part(8, UPRIGHT, "good"),
            )
        ),
    ),
    "slump with glances": scenario(
        part(10, UPRIGHT, "good"),
        part(6, SLUMP, "slump"),
        part(2, {**SLUMP, "head_yaw_deg": 45}, ["slump", "turned_away"]),
        part(12, SLUMP, "slump", None),
        part(10, UPRIGHT, "good"),
        part(5, SLUMP, "slump"),
        part(6, UPRIGHT, "good"),
        part(5, SLUMP, "slump"),
        part(10, UPRIGHT, "good"),
    ),
    "long turned away": scenario(
        part(10, UPRIGHT, "good"),
        part(60, {"head_yaw_deg": 50}, "turned_away"),
        part(10, UPRIGHT, "good"),
        part(30, {"trunk_twist_deg": -45, "head_yaw_deg": -20}, ["unreliable", "turned_away"]),
        part(10, UPRIGHT, "good"),
    ),
    "second person": scenario(
        part(10, UPRIGHT, "good"),
        part(15, UPRIGHT, "unreliable", others=[{"distance_m": 0.75, "x_m": 0.42}]),
        part(10, UPRIGHT, "good"),
        part(15, UPRIGHT, "good", others=[{"distance_m": 1.6, "x_m": 0.4, "standing": True}]),
        part(20, SLUMP, "slump", True, others=[{"distance_m": 1.5, "x_m": -0.6, "moves_to_x_m": 0.6}]),
        part(10, {"present": False}, "away", others=[{"distance_m": 1.8, "x_m": -0.5, "moves_to_x_m": 0.5}]),
        part(10, UPRIGHT, "good"),
        camera={"fov_deg": 78},
    ),
    "shrugs": scenario(
        part(10, UPRIGHT, "good"),
        part(20, {"shoulder_shrug_m": 0.025}, "shoulders_raised", True),
        part(12, UPRIGHT, "good"),
        part(20, {"shoulder_shrug_m": 0.06}, "shoulders_raised", True),
        part(12, UPRIGHT, "good"),
        settings={"onset_s": 8, "cooldown_s": 16},
    ),
    "standing desk": scenario(
        part(10, {}, "good"),
        part(20, {**SLUMP, "standing": True, "trunk_flexion_deg": 20}, "slump", True),
        part(10, {}, "good"),
        part(20, {"standing": False}, ["unreliable", "away"]),
        part(10, {}, "good"),
        base={"standing": True},
    ),
    "camera knocked": scenario(
        part(10, UPRIGHT, "good"),
        *(
            step
            for moved in (
                {"tilt_deg": 4},
                {"tilt_deg": -4},
                {"pan_deg": 4},
                {"pan_deg": -9},
                {"tilt_deg": 9, "pan_deg": 3},
            )
            for step in (part(12, UPRIGHT, "unreliable", camera=moved), part(8, UPRIGHT, "good"))
        ),
        part(12, UPRIGHT, "good", camera={"tilt_deg": 0.8, "pan_deg": -0.5}),
        part(15, SLUMP, "slump", True, camera={"tilt_deg": 0.8, "pan_deg": -0.5}),
        part(15, SLUMP, "unreliable", camera={"tilt_deg": 10}),
    ),
    "camera tilted, background unknown": scenario(
        part(10, UPRIGHT, "good"),
        part(15, UPRIGHT, "unreliable", camera={"tilt_deg": 6}),
        part(10, UPRIGHT, "good"),
        part(15, UPRIGHT, "unreliable", camera={"tilt_deg": -5}),
        part(10, UPRIGHT, "good"),
        part(15, SLUMP, "slump", True),
        camera={"background": False},
    ),
    "dark": scenario(
        part(10, UPRIGHT, "good"),
        part(15, SLUMP, "unreliable", camera={"luma": 10}),
        part(10, UPRIGHT, "good", camera={"luma": 30}),
        part(15, UPRIGHT, "unreliable", camera={"luma": 1}),
        part(15, SLUMP, "slump", True, camera={"luma": 40}),
    ),
    "slump while nobody looks": scenario(
        part(10, UPRIGHT, "good"),
        part(20, SLUMP, "paused", system={"locked": True}),
        part(15, SLUMP, "slump", True),
        part(10, UPRIGHT, "good"),
        part(20, SLUMP, "camera_lost", camera={"unplugged": True}),
        part(15, SLUMP, "slump", True),
        part(10, UPRIGHT, "good"),
        part(20, {**SLUMP, "head_yaw_deg": 55}, "turned_away"),
        part(15, SLUMP, "slump", True),
        part(20, {**SLUMP, "head_pitch_deg": 36}, ["slump", "looking_down"], None),
        settings={"onset_s": 8, "cooldown_s": 14},
    ),
    "two reminders": scenario(
        part(10, UPRIGHT, "good"),
        part(40, SLUMP, "slump", True),
        part(5, UPRIGHT, "good"),
        part(12, SLUMP, "slump", None),
        settings={"onset_s": 6, "cooldown_s": 15},
    ),
    "hands and ears": scenario(
        part(10, UPRIGHT, "good"),
        part(15, {"arms": "chin"}, "good"),
        part(15, {"arms": "front"}, "good"),
        part(15, {"hidden": ["left_ear", "right_ear"]}, "good"),
        part(15, {**SLUMP, "hidden": ["left_ear", "right_ear"]}, "slump", True),
        part(12, {**DOWN, "hidden": ["left_ear"]}, "looking_down"),
        part(8, UPRIGHT, "good"),
        part(12, {"hidden": ["left_shoulder", "right_shoulder"]}, "unreliable"),
        part(8, UPRIGHT, "good"),
        part(15, {**FORWARD, "arms": "chin"}, "forward_head", True),
    ),
    "quiet": scenario(
        part(10, UPRIGHT, "good"),
        part(20, SLUMP, "slump", system={"in_call": True}),
        part(10, UPRIGHT, "good"),
        part(20, SLUMP, "slump", system={"full_screen": True}),
        part(10, UPRIGHT, "good"),
        part(15, SLUMP, "slump", True),
    ),
}
