"""Environment markers of requirements: `sys_platform == "win32" and python_version < "3.12"`.

Grammar after packaging.python.org/specifications/dependency-specifiers.
"""

import os
import platform
import re
import sys
from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"""\s*(?:(\()|(\))|"([^"]*)"|'([^']*)'|(===|~=|==|!=|<=|>=|<|>)|([A-Za-z_][\w.]*))""")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)((?:a|b|rc)\d+)?([-_.]?(?:post|dev)\d*)?(?:\+\S*)?(\.\*)?")
_NESTING_LIMIT = 50

Token = tuple[str, str]
"""Kind (open, close, text, operator, word) and content."""


class MarkerError(ValueError):
    """A marker that cannot be read."""


def environment() -> dict[str, str]:
    """What markers can ask about, of this Python."""
    return {
        "os_name": os.name,
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "python_full_version": platform.python_version(),
        "implementation_name": sys.implementation.name,
        "implementation_version": platform.python_version(),
        "extra": "",
    }


def holds(marker: str, values: Mapping[str, str]) -> bool:
    """Whether a marker is true where the names in it have these values. Raises MarkerError."""
    reader = _Reader(_tokens(marker), values)
    result = reader.either(0)
    if reader.kind != "end":
        raise MarkerError(f"{marker!r}: something follows that does not belong there")
    return result


def _tokens(marker: str) -> list[Token]:
    found, place, marker = [], 0, marker.rstrip()
    while place < len(marker):
        match = _TOKEN.match(marker, place)
        if match is None:
            raise MarkerError(f"{marker!r} cannot be read from {marker[place:]!r} on")
        kinds = ("open", "close", "text", "text", "operator", "word")
        found += [(kind, part) for kind, part in zip(kinds, match.groups(), strict=True) if part is not None]
        place = match.end()
    return [*found, ("end", "")]


class _Reader:
    """Reads from left to right; `and` binds closer than `or`. Both sides are always read."""

    def __init__(self, tokens: list[Token], values: Mapping[str, str]) -> None:
        self._tokens, self._values, self._place = tokens, values, 0

    @property
    def kind(self) -> str:
        return self._tokens[self._place][0]

    def either(self, depth: int) -> bool:
        result = self._both(depth)
        while self._word("or"):
            result = self._both(depth) or result
        return result

    def _both(self, depth: int) -> bool:
        result = self._one(depth)
        while self._word("and"):
            result = self._one(depth) and result
        return result

    def _one(self, depth: int) -> bool:
        if self.kind != "open":
            left, operator, right = self._side(), self._operator(), self._side()
            return _compare(left, operator, right)
        if depth > _NESTING_LIMIT:
            raise MarkerError("a marker with too many brackets inside each other")
        self._next()
        result = self.either(depth + 1)
        if self._next()[0] != "close":
            raise MarkerError("a marker with a bracket that does not end")
        return result

    def _side(self) -> str:
        kind, content = self._next()
        if kind == "text":
            return content
        if kind != "word" or content not in self._values:
            raise MarkerError(f"a marker asks about {content!r}, which is unknown")
        return self._values[content]

    def _operator(self) -> str:
        if self._word("not"):
            if not self._word("in"):
                raise MarkerError("a marker with `not` without `in`")
            return "not in"
        kind, content = self._next()
        if kind != "operator" and (kind, content) != ("word", "in"):
            raise MarkerError(f"a marker compares with {content!r}")
        return content

    def _word(self, word: str) -> bool:
        """Whether the next token is this word; then it is passed."""
        if self._tokens[self._place] != ("word", word):
            return False
        self._place += 1
        return True

    def _next(self) -> Token:
        token = self._tokens[self._place]
        if token[0] != "end":
            self._place += 1
        return token


_ORDERED: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def _compare(left: str, operator: str, right: str) -> bool:
    """As versions where both sides are one, as texts otherwise; the numbers of a pre-release count, not its letters."""
    if operator in ("in", "not in"):
        return (left in right) == (operator == "in")
    a, b = _VERSION.fullmatch(left), _VERSION.fullmatch(right)
    if a is None or b is None or operator == "===":
        return _compare_texts(left, operator, right)
    release, wanted = _numbers(a), _numbers(b)
    if b[4]:
        return (release[: len(wanted)] == wanted) == (operator == "==")
    if operator == "~=":
        width = max(len(wanted) - 1, 1)
        return release[:width] == wanted[:width] and _padded(release) >= _padded(wanted)
    return _ORDERED[operator](_padded(release), _padded(wanted))


def _compare_texts(left: str, operator: str, right: str) -> bool:
    if operator in ("==", "==="):
        return left == right
    if operator == "!=":
        return left != right
    raise MarkerError(f"a marker asks whether {left!r} {operator} {right!r}, which are no versions")


def _numbers(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in match[1].split("."))


def _padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Without zeros at the end, so that 3.12 and 3.12.0 are one."""
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers
