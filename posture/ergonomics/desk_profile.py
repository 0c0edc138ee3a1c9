"""Which of several calibrated places a person is at."""

import math
from collections.abc import Mapping, Sequence

from posture.ergonomics.baseline import Profile
from posture.ergonomics.desk_compare import compare
from posture.ergonomics.desk_features import Near, Seen
from posture.ergonomics.desk_person import choose
from posture.ergonomics.desk_settings import DeskSettings

HEIGHT_M, DISTANCE, FACING_DEG = 0.10, 0.20, 20.0
"""One unit of not fitting: shoulders higher or lower, logarithm of the distance, azimuth of the shoulders."""
MUCH_BETTER = 1.0
"""Another profile is taken when it fits better by this many units. A slump is 0.4 to 0.7 units away from its own
profile, a person who stands up 4."""


def profiles_for(profiles: Sequence[Profile], camera: str, screens: str) -> tuple[Profile, ...]:
    """The profiles of this camera and this set of screens; those without a camera or screens of their own fit any."""
    return tuple(profile for profile in profiles if profile.camera in ("", camera) and profile.screens in ("", screens))


def replaces(new: Profile, known: Profile) -> bool:
    """Whether a new calibration takes the place of `known`: it has its name, and `known` holds where it was made.

    The same name for another camera or another set of screens is another profile.
    """
    here = profiles_for((known,), new.camera, new.screens or known.screens)
    return new.name == known.name and bool(here)


def fitting(
    people: Mapping[Near, Sequence[Seen]], profiles: Sequence[Profile], now: Profile, settings: DeskSettings
) -> Profile | None:
    """The profile that fits what is seen; `now` unless another one fits much better. None where nobody is there."""
    far = {profile.name: distance(people[profile.baseline.near], profile, settings) for profile in profiles}
    best = min(profiles, key=lambda profile: far[profile.name])
    if math.isinf(far[best.name]):
        return None
    return best if far[best.name] + MUCH_BETTER < far[now.name] else now


def distance(people: Sequence[Seen], profile: Profile, settings: DeskSettings) -> float:
    """How badly the person fits `profile`; infinite where nobody is at that place."""
    one = choose(people, profile.baseline, None, settings.camera_fov_deg).seen
    if one is None:
        return math.inf
    found = compare(one.loose, profile.baseline, settings.camera_fov_deg)
    parts = (
        found.shoulder_drop_m / HEIGHT_M,
        math.log(found.shoulder_distance) / DISTANCE,
        found.facing_deg / FACING_DEG,
    )
    return math.hypot(*(part for part in parts if math.isfinite(part)))
