"""Stick figures: the skeleton of one frame and nothing else of the picture; or, if asked for, over the picture."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence

from posture.reports import head as heads
from posture.reports import svg, words
from posture.reports.language import say
from posture.reports.schema import Moment
from posture.reports.still import Still
from posture.reports.svg import Svg
from posture.skeleton import BLAZEPOSE_33

FAINT, VISIBLE = 0.2, 0.5
"""Visibility below which a bone is not drawn, and below which it is pale."""
_MARGIN = 0.08  # of the size

Point = tuple[float, float]
Keypoint = tuple[float | None, float | None, float | None]
_FACE = frozenset(
    i for i, name in enumerate(BLAZEPOSE_33.names) if any(word in name for word in ("nose", "eye", "ear", "mouth"))
)


def figure(moment: Moment, bones: Sequence[tuple[int, int]], *, size: float = 180) -> Svg:
    """The skeleton of `moment`, fitted into a square. See `head` for the head."""
    title = say("Stick figure at {time}", time=words.clock(moment.time_s))
    seen = {i: point for i, point in enumerate(moment.keypoints) if _drawable(point)}
    limbs = [(a, b) for a, b in bones if a in seen and b in seen and not {a, b} <= _FACE]
    found = heads.head({i: _xy(point) for i, point in seen.items()})
    shown = [_xy(seen[i]) for bone in limbs for i in bone] + (heads.corners(found) if found else [])
    if not shown:
        return svg.chart(title, [], width=size, height=size, class_="figure")
    place = _fitted(shown, size)
    pieces, outlined = _head({i: place(_xy(point)) for i, point in seen.items()}, size)
    drawn = [(a, b) for a, b in limbs if not (outlined and {a, b} == set(heads.SHOULDERS))]
    pieces += [_bone(place, seen[a], seen[b], size / 60) for a, b in drawn]
    ends = [i for bone in limbs for i in bone]
    joints = sorted({i for i in ends if ends.count(i) > 1 or i in heads.SHOULDERS})  # not finger tips and toes
    pieces += [_joint(place, seen[i], size) for i in joints]
    return svg.scaled(svg.chart(title, pieces, width=size, height=size, class_="figure"), size, size)


def _head(points: Mapping[int, Point], size: float) -> tuple[list[str], bool]:
    """Head and neck at points of the figure, and whether the shoulders are drawn with them."""
    found = heads.head(points)
    if found is None:
        return [], False
    shoulders = heads.neck_and_shoulders(found, points, size)
    return heads.drawn(found, points, size) + (shoulders or heads.neck(found, points, size)), bool(shoulders)


def overlay(moment: Moment, bones: Sequence[tuple[int, int]], still: Still, *, size: float = 300) -> Svg:
    """The picture of `moment` with the skeleton over it, `size` pixels on the longer side."""
    longer = max(still.width_px, still.height_px)
    width, height = still.width_px * size / longer, still.height_px * size / longer

    def place(point: Point) -> Point:  # keypoints refer to pixel centres
        return (point[0] + 0.5) * size / longer, (point[1] + 0.5) * size / longer

    data = f"data:image/jpeg;base64,{b64encode(still.jpeg).decode()}"
    pieces = [svg.element("image", href=data, width=width, height=height, preserveAspectRatio="none")]
    seen = [(moment.keypoints[a], moment.keypoints[b], {a, b} <= _FACE) for a, b in bones]
    drawn = [(a, b, face) for a, b, face in seen if _drawable(a) and _drawable(b)]
    for class_, wide in (("c-halo", 3.4), ("c-over", 1.6)):  # light on dark, to be seen on any picture
        pieces += [_bone(place, a, b, wide * (0.5 if face else 1), class_) for a, b, face in drawn]
    title = say("Picture with skeleton at {time}", time=words.clock(moment.time_s))
    chart = svg.chart(title, pieces, width=width, height=height, class_="figure")
    return svg.scaled(chart, width, height)


def _drawable(keypoint: Keypoint) -> bool:
    x, y, visibility = keypoint
    return x is not None and y is not None and (visibility or 0.0) >= FAINT


def _xy(keypoint: Keypoint) -> Point:
    return float(keypoint[0] or 0), float(keypoint[1] or 0)


def _fitted(points: Sequence[Point], size: float) -> Callable[[Point], Point]:
    """A mapping of pixels of the picture into the square."""
    xs, ys = zip(*points, strict=True)
    span = max(max(xs) - min(xs), max(ys) - min(ys), 1.0)
    scale = size * (1 - 2 * _MARGIN) / span
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    return lambda p: ((p[0] - middle_x) * scale + size / 2, (p[1] - middle_y) * scale + size / 2)


def _bone(place: Callable[[Point], Point], a: Keypoint, b: Keypoint, width: float, class_: str = "c-bone") -> str:
    pale = " c-weak" if min(a[2] or 0, b[2] or 0) < VISIBLE else ""
    line = svg.path([place(_xy(a)), place(_xy(b))])
    return svg.element("path", d=line, class_=f"{class_}{pale}", stroke_width=width)


def _joint(place: Callable[[Point], Point], keypoint: Keypoint, size: float) -> str:
    x, y = place(_xy(keypoint))
    pale = " c-weak" if (keypoint[2] or 0) < VISIBLE else ""
    return svg.element("circle", cx=x, cy=y, r=size / 55, class_=f"c-joint{pale}")
