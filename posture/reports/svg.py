"""The vocabulary of the charts: SVG elements, colours, hatchings and shapes. Values are escaped here and only here.

A chart has no viewBox: what lies along its width is given in percent, so that it fills the width of a page or a phone
while text and hatchings keep their size; `width` is what it takes where nothing stretches it (PDF). Colours come from
classes: a style sheet gives them on a screen, light and dark; `embedded` puts the light ones into the SVG itself.
"""

from collections.abc import Iterable
from html import escape

Attribute = str | int | float | None


class Svg(str):
    """Markup made by this module; everything that came from outside is escaped in it."""

    __slots__ = ()

    def __html__(self) -> str:
        """For jinja2: not to be escaped again."""
        return self


NOTHING = Svg()
"""No chart."""

LIGHT = {
    "good": "#1F7AE0",
    "fair": "#C27C00",
    "poor": "#8A0030",
    "ink": "#1b1f24",
    "soft": "#5b6570",
    "line": "#d9dee4",
    "surface": "#ffffff",
}
DARK = {
    "good": "#4DA3FF",
    "fair": "#FFC20A",
    "poor": "#E5484D",
    "ink": "#e8ebef",
    "soft": "#a3adb8",
    "line": "#353b43",
    "surface": "#16191d",
}
"""Told apart with red, green and blue blindness, and >= 3:1 against the surface; text is always ink or soft."""

FILL = {
    "acceptable": "z-acceptable",
    "conditional": "z-conditional",
    "not_recommended": "z-not-recommended",
    "unknown": "z-unknown",
}
"""Class of a zone. Hatching tells the zones apart without colour: solid, diagonal, crossed, dashed outline."""

PATTERNS = Svg(
    '<defs><pattern id="hatch-conditional" width="7" height="7" patternUnits="userSpaceOnUse">'
    '<rect class="c-fair" width="7" height="7"/><path class="c-hatch" d="M-1 1L1 -1M0 7L7 0M6 8L8 6"/></pattern>'
    '<pattern id="hatch-not-recommended" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect class="c-poor" width="6" height="6"/><path class="c-hatch c-thin" d="M0 0L6 6M0 6L6 0"/></pattern></defs>'
)

RULES = """\
.c-good,.z-acceptable{fill:%(good)s}.c-fair{fill:%(fair)s}.c-poor{fill:%(poor)s}
.z-conditional{fill:url(#hatch-conditional)}.z-not-recommended{fill:url(#hatch-not-recommended)}
.z-unknown{fill:none;stroke:%(soft)s;stroke-width:1;stroke-dasharray:2 3}
.tint-conditional{fill:%(fair)s;fill-opacity:.13}.tint-not-recommended{fill:%(poor)s;fill-opacity:.13}
.c-hatch{fill:none;stroke:%(surface)s;stroke-width:1.6}.c-thin{stroke-width:1.1}
.c-grid{stroke:%(line)s;stroke-width:1}.c-limit{stroke:%(soft)s;stroke-width:1;stroke-dasharray:3 3}
.c-curve{fill:none;stroke:%(ink)s;stroke-width:1.3;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.c-second{stroke-dasharray:4 3}.c-zero{stroke:%(soft)s;stroke-width:1}
.c-range{fill:%(ink)s;fill-opacity:.17}.c-bar{fill:%(soft)s;fill-opacity:.55}.c-mark{stroke:%(ink)s;stroke-width:1.5}
.c-frame{fill:none;stroke:%(line)s;stroke-width:1}.c-bone{fill:none;stroke:%(ink)s;stroke-linecap:round}.c-weak{opacity:.3}
.c-joint{fill:%(ink)s}.c-sign{fill:none;stroke:%(surface)s;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.c-halo{fill:none;stroke:#000;stroke-opacity:.55;stroke-linecap:round}
.c-over{fill:none;stroke:#fff;stroke-linecap:round}
.heat{fill:%(poor)s;stroke:%(soft)s;stroke-width:1}.heat-0{fill-opacity:.04}.heat-1{fill-opacity:.22}
.heat-2{fill-opacity:.45}.heat-3{fill-opacity:.7}.heat-4{fill-opacity:.95}
.c-leader{fill:none;stroke:%(soft)s;stroke-width:.8}
.c-total{fill:none;stroke:%(ink)s;stroke-width:1.2;stroke-dasharray:1 2;vector-effect:non-scaling-stroke}
.c-bookmark{stroke:%(poor)s;stroke-width:1.2}
.c-label{font-size:11px;fill:%(soft)s}.c-strong{fill:%(ink)s}
"""


def rules(colours: dict[str, str]) -> str:
    """The style sheet of all charts in these colours (values may be CSS variables)."""
    return RULES % colours


def element(name: str, *children: str, **attributes: Attribute) -> str:
    """One element. Attribute `class_` is class, `_` in a name is `-`; None is left out."""
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    written = "".join(f' {key}="{escape(_attribute(value))}"' for key, value in given.items())
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def text(content: str, **attributes: Attribute) -> str:
    """A label."""
    attributes["class_"] = attributes.get("class_", "c-label")
    return element("text", escape(content), **attributes)


def chart(
    title: str, children: Iterable[str], *, width: float, height: float, description: str = "", class_: str = "chart"
) -> Svg:
    """A whole chart with its name and description for screen readers; without a name it is decoration."""
    head = ([element("title", escape(title))] if title else []) + (
        [element("desc", escape(description))] if description else []
    )
    named: dict[str, Attribute] = {"role": "img"} if title else {"aria_hidden": "true"}
    return _root(width, height, *head, *children, class_=class_, **named)


def scaled(chart: Svg, width: float, height: float) -> Svg:
    """The same chart, its shapes in pixels of `width` x `height`, so that it shrinks as a whole in less room."""
    return Svg(chart.replace("<svg ", f'<svg viewBox="0 0 {_short(width)} {_short(height)}" ', 1))


def stretched(children: Iterable[str], *, width: float, height: float, y: float = 0) -> str:
    """Shapes in pixels of a plane `width` x `height` that stretches to the width of the chart."""
    box = f"0 0 {_short(width)} {_short(height)}"
    return element("svg", *children, viewBox=box, preserveAspectRatio="none", y=y, width="100%", height=height)


def embedded(svg: Svg) -> Svg:
    """The same SVG with colours, hatchings and font inside, for a place without a style sheet."""
    style = f'<style>text{{font-family:"Libertinus Serif"}}{rules(LIGHT)}</style>'
    start = svg.index(">") + 1
    return Svg(svg[:start] + style + PATTERNS + svg[start:])


def share(part: float, whole: float) -> str:
    """A length along the width."""
    return f"{_short(100 * part / whole if whole else 0)}%"


def path(points: Iterable[tuple[float, float]], *, closed: bool = False) -> str:
    """Path data through the points, to a tenth of a pixel."""
    return "M" + "L".join(map(pair, points)) + ("Z" if closed else "")


def pair(point: tuple[float, float]) -> str:
    """A point in path data."""
    return f"{_short(point[0], 1)} {_short(point[1], 1)}"


_SHAPES = {
    "good": ('<circle class="c-good" cx="8" cy="8" r="7.5"/>', '<path class="c-sign" d="M4.6 8.3L7 10.6L11.4 5.6"/>'),
    "fair": ('<path class="c-fair" d="M8 .8L15.6 14.6H.4Z"/>', '<path class="c-sign" d="M8 6V9.4M8 12V12.05"/>'),
    "poor": (
        '<path class="c-poor" d="M4.9 .5H11.1L15.5 4.9V11.1L11.1 15.5H4.9L.5 11.1V4.9Z"/>',
        '<path class="c-sign" d="M5.6 5.6L10.4 10.4M10.4 5.6L5.6 10.4"/>',
    ),
    "none": ('<circle class="z-unknown" cx="8" cy="8" r="6.8"/>',),
}


def icon(kind: str, name: str = "") -> Svg:
    """A shape of 16 pixels: good = circle with tick, fair = triangle, poor = octagon, none = dashed circle."""
    named: dict[str, Attribute] = {"role": "img", "aria_label": name} if name else {"aria_hidden": "true"}
    return _root(16, 16, *_SHAPES[kind], viewBox="0 0 16 16", class_="icon", **named)


def swatch(zone: str) -> Svg:
    """A sample of a zone's filling for a legend."""
    box = element("rect", x=0.5, y=0.5, width=21, height=11, class_=FILL[zone])
    return _root(22, 12, box, class_="icon", aria_hidden="true")


def line_sample(class_: str) -> Svg:
    """A sample of a line for a legend."""
    line = element("path", d="M0 6H28", class_=class_)
    return _root(28, 12, line, class_="icon", aria_hidden="true")


def _root(width: float, height: float, *children: str, **attributes: Attribute) -> Svg:
    attributes |= {"width": width, "height": height, "xmlns": "http://www.w3.org/2000/svg"}
    return Svg(element("svg", *children, **attributes))


def _attribute(value: Attribute) -> str:
    return value if isinstance(value, str) else _short(float(value or 0))


def _short(value: float, decimals: int = 2) -> str:
    written = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
