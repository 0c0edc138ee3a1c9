"""The map of data flows as one drawing, made for a sheet of A4: sources, memory, stores, exports, and what is outside.

Everything is in pixels of the drawing, whose size follows from what has to be said. No font is asked for its widths:
`_width` reckons with those of Arial and a sixth more, so that a line fits in whatever font shows it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from posture.privacy.flow import FlowMap, Found, Outside
from posture.privacy.flow_words import STAGES, Language, filled, now, outside_now, word
from posture.reports import svg
from posture.touchpoint import PLAIN, WHOEVER_HAS_IT, YOU_DELETE, Stage

_COLUMN, _GAP, _OUTSIDE, _MARGIN = 226.0, 34.0, 196.0, 16.0
_BETWEEN = 10.0
_TITLE_PX, _LINE_PX, _LEADING, _PAD = 14.0, 12.0, 15.0, 9.0
_COLUMNS = {Stage.SOURCE: 1, Stage.MEMORY: 1, Stage.STORE: 2, Stage.EXPORT: 1}
"""Stage to the number of columns that its boxes take."""
_USUAL = (PLAIN, YOU_DELETE, WHOEVER_HAS_IT)
"""What holds for most that a person has written; it stands above the boxes and not in each of them."""
CAPTIONS = {
    Stage.SOURCE: "files in a process without network",
    Stage.MEMORY: "gone when the program ends",
    Stage.STORE: "pictures and history only encrypted",
    Stage.EXPORT: "unless said otherwise: not encrypted, until you delete it, for whoever has the file",
}
HEADING, OUTSIDE = "Data flows of this installation", "Outside, as declared"
NOBODY = "Nothing is declared. A backup, a share or a contractor is declared with [[flow.declared]] in the settings."
HERE, REFUSED, OPEN = "This computer", "Network: refused, tried just now", "Network: NOT refused by the system"
MADE = "made {when} from what the program declares and what was found here"
LEFT_OUT = "Not drawn, because they are not about people: {names}."
LEGEND = (
    ("key", "key"), ("clock", "until when"), ("eye", "who can read it"), ("disk", "what is there now"),
    ("dashed", "declared by a person, not checked"),
)  # fmt: skip
RULES = """\
.f-ground{fill:%(surface)s}.f-box{fill:%(surface)s;stroke:%(soft)s;stroke-width:1}.f-open{stroke-dasharray:6 4}
.f-store{stroke:%(good)s;stroke-width:1.8}.f-home{fill:none;stroke:%(ink)s;stroke-width:2.2}.f-mask{fill:%(surface)s}
.f-arrow{fill:%(soft)s}.f-way{fill:none;stroke:%(soft)s;stroke-width:1.3;stroke-dasharray:6 4}
.f-sign{fill:none;stroke:%(soft)s;stroke-width:1.2;stroke-linecap:round;stroke-linejoin:round}
.f-bar{fill:none;stroke:%(poor)s;stroke-width:2.6}.f-name{font-size:14px;font-weight:bold;fill:%(ink)s}
.f-line{font-size:12px;fill:%(ink)s}.f-soft{font-size:12px;fill:%(soft)s}
.f-head{font-size:16px;font-weight:bold;fill:%(ink)s}.f-top{font-size:22px;font-weight:bold;fill:%(ink)s}
"""
FONTS = 'Arial,"Helvetica Neue",Helvetica,"Liberation Sans",sans-serif'
_SIGNS = {
    "key": "M3.2 6a2.2 2.2 0 1 0 0 .01M5.4 6H11M8.6 6V8.2M10.8 6V8.2",
    "clock": "M6 1.5a4.5 4.5 0 1 0 .01 0M6 3.6V6.2L7.8 7.4",
    "eye": "M1 6Q6 .8 11 6Q6 11.2 1 6M4.6 6a1.4 1.4 0 1 0 2.8 0a1.4 1.4 0 1 0 -2.8 0",
    "disk": "M1.5 3.2Q6 .8 10.5 3.2V8.8Q6 11.2 1.5 8.8ZM1.5 3.2Q6 5.6 10.5 3.2",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """The SVG without colours, and its size."""

    chart: svg.Svg
    width: float
    height: float

    def coloured(self, colours: dict[str, str], fonts: str = FONTS) -> svg.Svg:
        """A file of its own, or a picture in a window: colours and names of fonts are inside."""
        style = f"<style>text{{font-family:{fonts}}}{RULES % colours}</style>"
        whole = svg.scaled(self.chart, self.width, self.height)
        start = whole.index(">") + 1
        return svg.Svg(whole[:start] + style + whole[start:])


def drawing(found: FlowMap, language: Language, when: datetime, *, blocked: bool) -> Drawing:
    """`blocked`: whether the system refused the network when that was tried, just now."""
    return _Sheet(found, language, when, blocked=blocked).whole()


@dataclass(frozen=True, slots=True)
class _Box:
    """What stands in a box: its name, and lines with a sign before the first of each."""

    name: Sequence[str]
    lines: Sequence[tuple[str, str]]
    """Sign ("" for none) and text."""
    class_: str = "f-box"

    @property
    def height(self) -> float:
        return 2 * _PAD + (_TITLE_PX + 3) * len(self.name) + _LEADING * len(self.lines) - 4

    def draw(self, x: float, y: float, width: float) -> Iterator[str]:
        yield svg.element("rect", x=x, y=y, width=width, height=self.height, rx=5, class_=self.class_)
        base = y + _PAD + _TITLE_PX - 3
        for part in self.name:
            yield svg.text(part, x=x + _PAD, y=base, class_="f-name")
            base += _TITLE_PX + 3
        for sign, part in self.lines:
            if sign in _SIGNS:
                yield _sign(sign, x + _PAD, base - 9.5)
            yield svg.text(part, x=x + _PAD + (17 if sign else 0), y=base, class_="f-line" if sign else "f-soft")
            base += _LEADING


class _Sheet:
    """Draws from the top down; `_y` values are where the next thing may begin."""

    def __init__(self, found: FlowMap, language: Language, when: datetime, *, blocked: bool) -> None:
        self._found, self._language, self._when, self._blocked = found, language, when, blocked
        self._parts: list[str] = []
        self._inner = _MARGIN + 14
        self._home_width = 28 + 5 * _COLUMN + 3 * _GAP + _BETWEEN
        self._width = 2 * _MARGIN + self._home_width + _GAP + _OUTSIDE

    def whole(self) -> Drawing:
        top = _MARGIN + 76
        columns = self._columns(top + 94)
        system = self._system(columns + 16)
        home = system + 16
        outside = self._outside(top)
        bottom = max(home, outside)
        self._head()
        self._home(top, bottom)
        height = self._legend(bottom + 12)
        ground = svg.element("rect", x=0, y=0, width=self._width, height=height, class_="f-ground")
        chart = svg.chart(
            self._say(HEADING), [ground, *self._parts], width=self._width, height=height, description=self._described(),
            class_="flow",
        )  # fmt: skip
        return Drawing(chart, self._width, height)

    def _say(self, text: str) -> str:
        return word(text, self._language)

    def _head(self) -> None:
        made = self._say(MADE).format(when=f"{self._when:%Y-%m-%d %H:%M}")
        self._add(svg.text(self._say(HEADING), x=_MARGIN, y=_MARGIN + 26, class_="f-top"))
        self._add(svg.text(f"posture – {made}", x=_MARGIN, y=_MARGIN + 48, class_="f-soft"))

    def _columns(self, top: float) -> float:
        lowest, x = top, self._inner
        for stage, count in _COLUMNS.items():
            width = count * _COLUMN + (count - 1) * _BETWEEN
            self._add(svg.text(self._say(STAGES[stage]), x=x, y=top - 62, class_="f-head"))
            for place, line in enumerate(_wrapped(self._say(CAPTIONS[stage]), width, _LINE_PX)):
                self._add(svg.text(line, x=x, y=top - 43 + place * _LEADING, class_="f-soft"))
            if stage is not Stage.SOURCE:
                self._arrow(x - _GAP + 4, top - 67)
            ends = [top] * count
            for box in map(self._box, self._of(stage)):
                shortest = ends.index(min(ends))
                self._add(*box.draw(x + shortest * (_COLUMN + _BETWEEN), ends[shortest], _COLUMN))
                ends[shortest] += box.height + 8
            lowest = max(lowest, *ends)
            x += width + _GAP
        return lowest

    def _system(self, top: float) -> float:
        """Boxes side by side, in as many rows as they need."""
        self._add(svg.text(self._say(STAGES[Stage.SYSTEM]), x=self._inner, y=top + 12, class_="f-head"))
        y, each = top + 24, 4
        width = (self._home_width - 28 - (each - 1) * _BETWEEN) / each
        boxes = [self._box(one, width, small=True) for one in self._of(Stage.SYSTEM)]
        for first in range(0, len(boxes), each):
            row = boxes[first : first + each]
            for place, box in enumerate(row):
                self._add(*box.draw(self._inner + place * (width + _BETWEEN), y, width))
            y += max(box.height for box in row) + 8
        return y

    def _outside(self, top: float) -> float:
        x = _MARGIN + self._home_width + _GAP
        self._add(svg.text(self._say(OUTSIDE), x=x, y=top + 14, class_="f-head"))
        y = top + 30
        if not self._found.outside:
            for line in _wrapped(self._say(NOBODY), _OUTSIDE, _LINE_PX):
                self._add(svg.text(line, x=x, y=y + 8, class_="f-soft"))
                y += _LEADING
            y += 16
        for one in self._found.outside:
            box = self._outside_box(one)
            self._add(*box.draw(x, y, _OUTSIDE))
            way = svg.path([(x - _GAP, y + 16), (x - 9, y + 16)])
            self._add(svg.element("path", d=way, class_="f-way"), _head_of_arrow(x - 9, y + 16))
            y += box.height + 12
        return self._network(x, y + 16)

    def _network(self, x: float, y: float) -> float:
        """The way out that is barred."""
        way = svg.path([(x - _GAP, y + 16), (x + 40, y + 16)])
        self._add(svg.element("path", d=way, class_="f-way"))
        if self._blocked:
            self._add(
                svg.element("circle", cx=x - _GAP / 2, cy=y + 16, r=12, class_="f-mask f-bar"),
                svg.element("path", d=f"M{x - _GAP / 2 - 8:.1f} {y + 24:.1f}l16 -16", class_="f-bar"),
            )
        y += 44
        for line in _wrapped(self._say(REFUSED if self._blocked else OPEN), _OUTSIDE, _TITLE_PX, bold=True):
            self._add(svg.text(line, x=x, y=y, class_="f-name"))
            y += _TITLE_PX + 3
        return y

    def _home(self, top: float, bottom: float) -> None:
        """The border of the computer, with its name in it."""
        name = self._say(HERE)
        at = _MARGIN + 20
        self._add(
            svg.element(
                "rect", x=_MARGIN, y=top, width=self._home_width, height=bottom - top, rx=9, class_="f-home"
            ),
            svg.element("rect", x=at - 6, y=top - 10, width=_width(name, 16) + 14, height=20, class_="f-mask"),
            svg.text(name, x=at, y=top + 5, class_="f-head"),
        )  # fmt: skip

    def _legend(self, y: float) -> float:
        x = _MARGIN
        for sign, text in LEGEND:
            said = self._say(text)
            if sign in _SIGNS:
                self._add(_sign(sign, x, y))
            else:
                self._add(svg.element("rect", x=x - 1, y=y, width=14, height=11, class_="f-box f-open"))
            self._add(svg.text(said, x=x + 19, y=y + 10, class_="f-soft"))
            x += 19 + _width(said, _LINE_PX) + 22
        y += 26
        names = [self._say(one.touchpoint.title) for one in self._found.found if not one.touchpoint.personal]
        for line in _wrapped(self._say(LEFT_OUT).format(names=", ".join(names)), self._width - 2 * _MARGIN, _LINE_PX):
            self._add(svg.text(line, x=_MARGIN, y=y, class_="f-soft"))
            y += _LEADING
        return y + _MARGIN - 8

    def _of(self, stage: Stage) -> list[Found]:
        return [one for one in self._found.found if one.touchpoint.stage is stage and one.touchpoint.personal]

    def _box(self, one: Found, width: float = _COLUMN, *, small: bool = False) -> _Box:
        point = one.touchpoint
        stored = point.stage in (Stage.STORE, Stage.EXPORT)
        said = [("", self._fill(point.data))]
        lines = {"key": point.key if stored else "", "clock": "" if small else point.kept}
        lines["eye"] = point.readers if stored or small else ""
        unusual = (lambda text: text not in _USUAL) if point.stage is Stage.EXPORT else bool
        said += [(sign, self._fill(text)) for sign, text in lines.items() if text and unusual(text)]
        if point.stage is Stage.STORE:
            said.append(("disk", now(one, self._language)))
        return _Box(
            _wrapped(self._fill(point.title), width - 2 * _PAD, _TITLE_PX, bold=True),
            list(_signed(said, width)),
            "f-box f-store" if point.stage is Stage.STORE else "f-box",
        )

    def _outside_box(self, one: Outside) -> _Box:
        given = one.declared
        titles = {found.touchpoint.name: found.touchpoint.title for found in self._found.found}
        receives = self._say(titles.get(given.receives, given.receives))
        lines = [
            ("", f"{self._say('receives')}: {receives}"), ("", given.how),
            ("", " – ".join(filter(None, (given.where, outside_now(one, self._language))))),
            ("key", self._say(given.key)), ("clock", self._say(given.kept)), ("eye", self._say(given.readers)),
        ]  # fmt: skip
        said = [(sign, text) for sign, text in lines if text]
        name = _wrapped(given.name, _OUTSIDE - 2 * _PAD, _TITLE_PX, bold=True)
        return _Box(name, list(_signed(said, _OUTSIDE)), "f-box f-open")

    def _fill(self, text: str) -> str:
        return filled(text, self._language, self._found.settings)

    def _described(self) -> str:
        """For who hears it: the columns, one sentence each."""
        said = []
        for stage in Stage:
            names = ", ".join(self._fill(one.touchpoint.title) for one in self._of(stage))
            said.append(f"{self._say(STAGES[stage])}: {names}.")
        outside = ", ".join(one.declared.name for one in self._found.outside) or "–"
        return " ".join([*said, f"{self._say(OUTSIDE)}: {outside}. {self._say(REFUSED if self._blocked else OPEN)}."])

    def _arrow(self, x: float, y: float) -> None:
        points = ((0, -4), (14, -4), (14, -9), (26, 0), (14, 9), (14, 4), (0, 4))
        shape = svg.path([(x + dx, y + dy) for dx, dy in points], closed=True)
        self._add(svg.element("path", d=shape, class_="f-arrow"))

    def _add(self, *parts: str) -> None:
        self._parts += parts


def _head_of_arrow(x: float, y: float) -> str:
    return svg.element("path", d=svg.path([(x, y - 4), (x + 8, y), (x, y + 4)], closed=True), class_="f-arrow")


def _sign(name: str, x: float, y: float) -> str:
    return svg.element("path", d=_SIGNS[name], class_="f-sign", transform=f"translate({x:.1f} {y:.1f})")


def _signed(said: Sequence[tuple[str, str]], width: float) -> Iterator[tuple[str, str]]:
    """Each text in lines; a line that goes on has the room of the sign before it."""
    for sign, text in said:
        room = width - 2 * _PAD - (17 if sign else 0)
        for place, line in enumerate(_wrapped(text, room, _LINE_PX)):
            yield (sign if place == 0 else "on") if sign else "", line


def _wrapped(text: str, width: float, size_px: float, *, bold: bool = False) -> list[str]:
    """Lines that fit in `width`; a word that is too long is broken."""
    fits: Callable[[str], bool] = lambda line: _width(line, size_px) * (1.08 if bold else 1.0) <= width  # noqa: E731
    lines = [""]
    for part in text.split():
        joined = f"{lines[-1]} {part}".strip()
        if fits(joined):
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        while not fits(part):
            count = next(n for n in range(len(part), 0, -1) if n == 1 or fits(part[:n]))
            lines[-1:] = [part[:count], ""]
            part = part[count:]
        lines[-1] = part
    return [line for line in lines if line] or [""]


def _width(text: str, size_px: float) -> float:
    """About as wide as Arial, and 16 % more (DejaVu Sans; widths of its AFM, in thousandths, by kind of letter)."""
    kinds = ((300, "iljtfrI.,;:'|!()[]/- "), (860, "mwMW@%–"), (690, "ABCDEFGHJKLNOPQRSTUVXYZÄÖÜ"))
    total = sum(next((wide for wide, letters in kinds if letter in letters), 550) for letter in text)
    return total * size_px * 1.16 / 1000
