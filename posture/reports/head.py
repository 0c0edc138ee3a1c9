"""The head of a stick figure: an outline and, where it is large enough, marks at the points of the face.

The proportions are those that drawing manuals teach (eyes at half the height of the head, mouth a third of the height
below them, 0.7 times as wide as high from the front); nothing of a picture goes in, so everybody gets the same face.
"""

from collections.abc import Mapping
from math import atan2, degrees, hypot
from typing import NamedTuple

from posture.reports import svg
from posture.skeleton import BLAZEPOSE_33

Point = tuple[float, float]
_INDEX = BLAZEPOSE_33.index
EYES, EARS = (_INDEX["left_eye"], _INDEX["right_eye"]), (_INDEX["left_ear"], _INDEX["right_ear"])
MOUTH, NOSE = (_INDEX["mouth_left"], _INDEX["mouth_right"]), _INDEX["nose"]
SHOULDERS = (_INDEX["left_shoulder"], _INDEX["right_shoulder"])
MARKS_FROM = 0.09
"""Half the width of a head, as a share of the figure, from which on the points of the face are marked."""
_PER_MOUTH, _PER_EARS, _PER_PROFILE = 3.1, 1.4, 2.0
"""Height of a head per distance eyes to mouth (from any side), ear to ear (front), ear to nose (profile)."""
_WIDTH_FRONT, _WIDTH_PROFILE = 0.7, 0.86  # of the height


class Head(NamedTuple):
    """An ellipse, in the coordinates of the points it was made from."""

    centre: Point
    up: Point
    """Unit vector from the chin to the crown."""
    half_width: float
    half_height: float

    @property
    def across(self) -> Point:
        """Unit vector to the right of `up`."""
        return -self.up[1], self.up[0]

    def at(self, across: float, up: float) -> Point:
        """A point given in half widths and half heights from the centre."""
        (x, y), (ux, uy), (ax, ay) = self.centre, self.up, self.across
        right, above = across * self.half_width, up * self.half_height
        return x + ax * right + ux * above, y + ay * right + uy * above


def head(points: Mapping[int, Point]) -> Head | None:
    """The head about those points of the face that are known; None where there are too few."""
    eyes, mouth, ears = _mean(points, EYES), _mean(points, MOUTH), _mean(points, EARS)
    between_ears = _distance(points.get(EARS[0]), points.get(EARS[1]))
    profile = max(_distance(points.get(ear), points.get(NOSE)) for ear in EARS)
    height = max(_PER_MOUTH * _distance(eyes, mouth), _PER_EARS * between_ears, _PER_PROFILE * profile)
    at = eyes or ears or points.get(NOSE)
    if at is None or height <= 0:
        return None
    up = _direction(mouth, eyes) or _upwards(points) or (0.0, -1.0)
    if ears is not None:  # the eyes are on the front of the head; its middle is between the ears
        across = (-up[1], up[0])
        aside = (ears[0] - at[0]) * across[0] + (ears[1] - at[1]) * across[1]
        at = at[0] + across[0] * aside, at[1] + across[1] * aside
    turned = 1 - min(between_ears * _PER_EARS / height, 1.0)
    width = height * (_WIDTH_FRONT + (_WIDTH_PROFILE - _WIDTH_FRONT) * turned)
    return Head(at, up, max(width, 1.04 * between_ears) / 2, height / 2)


def corners(head: Head) -> list[Point]:
    """Two corners of a box that holds the head however it is turned."""
    (x, y), radius = head.centre, max(head.half_width, head.half_height)
    return [(x - radius, y - radius), (x + radius, y + radius)]


def drawn(head: Head, points: Mapping[int, Point], size: float) -> list[str]:
    """Outline and marks in a figure of `size` pixels."""
    x, y = head.centre
    turn = f"rotate({degrees(atan2(head.across[1], head.across[0])):.1f} {x:.1f} {y:.1f})"
    line = size / 80
    outline = svg.element(
        "ellipse", cx=x, cy=y, rx=head.half_width, ry=head.half_height, transform=turn, class_="c-bone",
        stroke_width=line,
    )  # fmt: skip
    if head.half_width < MARKS_FROM * size:
        nose = [_line([head.centre, points[NOSE]], line)] if NOSE in points else []
        return [outline, *nose]
    return [outline, *_marks(head, points, line)]


def _marks(head: Head, points: Mapping[int, Point], line: float) -> list[str]:
    found = [
        svg.element("circle", cx=points[eye][0], cy=points[eye][1], r=line * 1.1, class_="c-joint")
        for eye in EYES
        if eye in points
    ]
    eyes = _mean(points, EYES)
    if eyes and NOSE in points:  # the lower half of its bridge: it points where the face does
        nose = points[NOSE]
        found.append(_line([((eyes[0] + nose[0]) / 2, (eyes[1] + nose[1]) / 2), nose], line))
    if all(corner in points for corner in MOUTH):
        found.append(_line([points[corner] for corner in MOUTH], line))
    (ux, uy), long = head.up, head.half_height * 0.13
    for ear in EARS:
        if ear in points:
            x, y = points[ear]
            found.append(_line([(x - ux * long, y - uy * long), (x + ux * long, y + uy * long)], line * 2))
    return found


def neck_and_shoulders(head: Head, points: Mapping[int, Point], size: float) -> list[str]:
    """Neck and sloping shoulders of a large head seen from the front or the back; empty for any other."""
    if head.half_width < MARKS_FROM * size or not all(shoulder in points for shoulder in SHOULDERS):
        return []
    across = head.across
    low, high = sorted((points[shoulder] for shoulder in SHOULDERS), key=lambda p: p[0] * across[0] + p[1] * across[1])
    wide = _distance(low, high)
    along = _direction(low, high)
    if along is None or wide < 2.6 * head.half_width or along[0] * across[0] + along[1] * across[1] < 0.5:
        return []
    middle = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    above = along[1], -along[0]
    rise = min(0.16 * wide, 0.5 * _distance(middle, head.at(0, -1)))  # of the neck's root over the shoulders
    found = []
    for side, shoulder in ((-1, low), (1, high)):
        out = side * 0.56 * head.half_width
        root = middle[0] + along[0] * out + above[0] * rise, middle[1] + along[1] * out + above[1] * rise
        bend = root[0] + 0.65 * (shoulder[0] - root[0]), root[1] + 0.65 * (shoulder[1] - root[1])
        bend = bend[0] + above[0] * 0.35 * rise, bend[1] + above[1] * 0.35 * rise  # a shoulder is round
        start = head.at(side * 0.5, -0.866)  # on the outline
        path = f"{svg.path([start, root])}Q{svg.pair(bend)} {svg.pair(shoulder)}"
        found.append(svg.element("path", d=path, class_="c-bone", stroke_width=size / 60))
    return found


def neck(head: Head, points: Mapping[int, Point], size: float) -> list[str]:
    """The neck as one bone, from the outline of the head to the middle of the shoulders."""
    foot = _mean(points, SHOULDERS) if all(shoulder in points for shoulder in SHOULDERS) else None
    start = head.at(0, -1)
    if foot is None or _distance(foot, head.centre) <= head.half_height:
        return []
    return [_line([start, foot], size / 60)]


def _line(points: list[Point], width: float) -> str:
    return svg.element("path", d=svg.path(points), class_="c-bone", stroke_width=width)


def _mean(points: Mapping[int, Point], wanted: tuple[int, ...]) -> Point | None:
    found = [points[i] for i in wanted if i in points]
    return (sum(x for x, _ in found) / len(found), sum(y for _, y in found) / len(found)) if found else None


def _distance(a: Point | None, b: Point | None) -> float:
    return hypot(b[0] - a[0], b[1] - a[1]) if a and b else 0.0


def _direction(a: Point | None, b: Point | None) -> Point | None:
    """Unit vector from a to b."""
    length = _distance(a, b)
    return ((b[0] - a[0]) / length, (b[1] - a[1]) / length) if a and b and length > 1e-6 else None


def _upwards(points: Mapping[int, Point]) -> Point | None:
    """Across the line between the ears, towards the upper edge of the picture."""
    along = _direction(points.get(EARS[0]), points.get(EARS[1]))
    if along is None:
        return None
    return (along[1], -along[0]) if along[0] > 0 else (-along[1], along[0])
