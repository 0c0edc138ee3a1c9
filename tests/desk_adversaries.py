"""Scenarios that were made to fool the judge: people who pass, small changes that are no posture, mild postures."""

from typing import Any

from desk_scenarios import SLUMP, STANDING, UPRIGHT, part, scenario


def forward(deg: float) -> dict[str, Any]:
    """A head that comes forward by so much."""
    return {"neck_flexion_deg": 4 + deg, "trunk_flexion_deg": 3}


def crossing(distance_m: float, start_m: float, end_m: float, *, standing: bool = True) -> dict[str, Any]:
    """Somebody who passes behind."""
    return {"distance_m": distance_m, "x_m": start_m, "moves_to_x_m": end_m, "standing": standing}


def passing(distances_m: tuple[float, ...], share: float, **camera: Any) -> dict[str, Any]:
    """Somebody crosses the whole picture at each distance, both ways, standing and rolling on a chair."""
    parts = [part(6, UPRIGHT, "good")]
    for away in distances_m:
        for standing in (True, False):
            for way in (-1, 1):
                one = crossing(away, way * share * away, -way * share * away, standing=standing)
                parts.append(part(6, UPRIGHT, "good", others=[one]))
    return scenario(*parts, camera=camera, settle_s=0.0)


def head(deg: float, **fields: Any) -> dict[str, Any]:
    """A head that comes forward and stays, at two distances."""
    return scenario(
        part(8, UPRIGHT, "good"),
        part(25, forward(deg), "forward_head", True),
        part(12, UPRIGHT, "good"),
        part(25, {**forward(deg), "distance_m": 0.66}, "forward_head", True),
        part(8, UPRIGHT, "good"),
        settings=SOON,
        **fields,
    )


SOON = {"onset_s": 10, "cooldown_s": 20}
SMALL_THINGS: tuple[dict[str, Any], ...] = (
    {"head_pitch_deg": 10},
    {"head_pitch_deg": -20, "arms": "chin"},
    {"head_yaw_deg": 24},
    {"head_yaw_deg": -24},
    forward(6),
    forward(8),
    {"trunk_flexion_deg": 6, "distance_m": 0.68},
    {"trunk_flexion_deg": -4, "distance_m": 0.75},
    {"trunk_side_deg": 4},
    {"head_roll_deg": 12},
    {"seat_m": 0.02},
    {"seat_m": -0.02},
    {"distance_m": 0.58},
    {"shoulder_shrug_m": 0.01},
)
SIDE_THINGS: tuple[dict[str, Any], ...] = (
    {"head_pitch_deg": 10},
    forward(6),
    {"trunk_flexion_deg": 6},
    {"trunk_flexion_deg": -8},
    {"distance_m": 0.6},
    {"distance_m": 0.85},
    {"seat_m": 0.02},
)
GLANCES = ((30, 0), (45, 0), (20, 20), (0, 40), (0, -70), (-30, 0), (35, -30))
GLANCING = ["good", "looking_down", "turned_away", "unreliable"]

ADVERSARIES: dict[str, dict[str, Any]] = {
    "people pass": passing((1.2, 1.4, 1.7, 2.2), 0.75, fov_deg=65),
    "people pass, wide": passing((1.2, 1.4, 1.7, 2.2), 0.95, fov_deg=78),
    "people pass, from above": passing((1.2, 1.5, 2.0), 0.6, fov_deg=55, above_eyes_m=0.25),
    "people pass a laptop": passing((1.2, 1.5, 2.0), 0.8, fov_deg=70, above_eyes_m=-0.2),
    "somebody looks on": scenario(
        part(8, UPRIGHT, "good"),
        part(15, UPRIGHT, "good", others=[{"distance_m": 1.3, "x_m": 0.35, "standing": True}]),
        part(15, UPRIGHT, "good", others=[{"distance_m": 1.3, "x_m": -0.45}]),
        part(15, UPRIGHT, "good", others=[{"distance_m": 1.0, "x_m": 1.0}, crossing(1.8, -1.4, 1.4)]),
        part(8, UPRIGHT, "good"),
        camera={"fov_deg": 78},
    ),
    "people pass somebody who slumps": scenario(
        part(8, UPRIGHT, "good"),
        part(20, SLUMP, "slump", True, others=[crossing(1.3, -1.3, 1.3), crossing(1.6, 1.4, -1.4)]),
        part(8, UPRIGHT, "good"),
        part(20, forward(20), "forward_head", True, others=[crossing(1.4, 1.3, -1.3)]),
        part(10, {"present": False}, "away", others=[crossing(1.5, -1.3, 1.3)]),
        part(8, UPRIGHT, "good"),
        camera={"fov_deg": 78},
        settings={"onset_s": 8, "cooldown_s": 20},
    ),
    "head forward": head(16),
    "head forward, large person": head(16, base={"scale": 1.1}),
    "head forward before a laptop": head(16, camera={"above_eyes_m": -0.2, "fov_deg": 70}),
    "head forward, small picture": head(
        16, camera={"size_px": [640, 480], "fov_deg": 60}, keypoint_noise_px=0.8, seed=6
    ),
    "head forward, from the side": head(16, camera={"view": "right"}, seed=8),
    "small things": scenario(part(8, UPRIGHT, "good"), *(part(12, thing, "good") for thing in SMALL_THINGS), seed=21),
    "small things from the side": scenario(
        part(8, UPRIGHT, "good"),
        *(part(12, thing, "good") for thing in SIDE_THINGS),
        part(6, UPRIGHT, "good", others=[crossing(1.9, -1.4, 1.4)]),
        camera={"view": "right"},
        seed=41,
    ),
    "two screens": scenario(
        part(6, UPRIGHT, "good"),
        *(part(5, {"head_yaw_deg": yaw, "trunk_twist_deg": yaw / 4}, "good") for yaw in (25, -25) * 3),
        part(20, {**SLUMP, "head_yaw_deg": 20}, "slump", True),
        part(8, UPRIGHT, "good"),
        part(20, {**forward(20), "head_yaw_deg": -20}, "forward_head", True),
        part(6, UPRIGHT, "good"),
        settings=SOON,
        seed=23,
    ),
    "slump while leaning back": scenario(
        part(8, UPRIGHT, "good"),
        part(20, {**SLUMP, "distance_m": 0.72}, "slump", True),
        part(10, UPRIGHT, "good"),
        part(20, {**SLUMP, "distance_m": 0.8}, "slump", True),
        part(8, UPRIGHT, "good"),
        settings=SOON,
        seed=27,
    ),
    "leans on a chair that rolls": scenario(
        part(8, UPRIGHT, "good"),
        part(20, {"trunk_side_deg": 12, "x_m": 0.1}, "lean_left", True),
        part(8, UPRIGHT, "good"),
        part(20, {"trunk_side_deg": -12, "x_m": -0.1, "head_yaw_deg": 10}, "lean_right", True),
        part(8, UPRIGHT, "good"),
        part(20, {"trunk_side_deg": -16, "trunk_flexion_deg": 8}, "lean_right", True),
        part(8, UPRIGHT, "good"),
        settings=SOON,
        keypoint_noise_px=2.5,
        seed=29,
    ),
    "every glance": scenario(
        part(8, UPRIGHT, "good"),
        *(
            step
            for down, aside in GLANCES
            for seconds in (1.0, 2.0, 3.0)
            for step in (
                part(seconds, {"head_pitch_deg": down, "head_yaw_deg": aside}, GLANCING),
                part(5, UPRIGHT, "good"),
            )
        ),
        settings={"onset_s": 3, "cooldown_s": 5},
        settle_s=2.0,
        seed=31,
    ),
    "standing desk": scenario(
        part(8, {}, "good"),
        part(20, forward(18), "forward_head", True),
        part(8, {}, "good"),
        part(20, {"trunk_side_deg": 12}, "lean_left", True),
        part(8, {}, "good"),
        part(6, {}, "good", others=[crossing(1.5, -1.2, 1.2)]),
        base={"standing": True},
        camera={"fov_deg": 78},
        settings=SOON,
        seed=32,
    ),
    "far away": scenario(
        part(8, {}, "good"),
        part(20, {**SLUMP, "distance_m": 1.12}, "slump", True),
        part(8, {}, "good"),
        part(20, {**forward(20), "distance_m": 1.16}, "forward_head", True),
        part(8, {}, "good"),
        part(6, {}, "good", others=[crossing(1.9, -1.4, 1.4)]),
        base={"distance_m": 1.2},
        camera={"size_px": [1920, 1080]},
        settings=SOON,
        seed=37,
    ),
    "up and down": scenario(
        part(8, UPRIGHT, "good"),
        *(step for _ in range(3) for step in (part(6, STANDING, "standing"), part(8, UPRIGHT, "good"))),
        part(15, {**STANDING, "distance_m": 0.65}, ["standing", "away"]),
        part(8, UPRIGHT, "good"),
        camera={"fov_deg": 78},
        seed=42,
    ),
}
