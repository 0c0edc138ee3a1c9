"""What every record of a report is made of."""

import msgspec

Scalar = str | int | float | bool | None


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Immutable record."""


class Curve(Node, frozen=True, kw_only=True):
    """A quantity over time in equal steps from `Timeline.start_s`: median, lowest and highest of each step."""

    median: tuple[float | None, ...]
    lowest: tuple[float | None, ...]
    highest: tuple[float | None, ...]
