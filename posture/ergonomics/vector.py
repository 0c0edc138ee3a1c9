"""Three-dimensional vectors as tuples: for single vectors an order of magnitude faster than arrays."""

import math

Vector = tuple[float, float, float]

SHORTEST = 1e-9
"""Metres. Anything shorter has no direction; a body has no such segment."""


def dot(a: Vector, b: Vector) -> float:
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """Vector product, right-handed."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def add(a: Vector, b: Vector) -> Vector:
    """Sum."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def scale(a: Vector, factor: float) -> Vector:
    """Product with a number."""
    return (a[0] * factor, a[1] * factor, a[2] * factor)


def length(a: Vector) -> float:
    """Euclidean length."""
    return math.hypot(*a)


def unit(a: Vector) -> Vector:
    """The same direction with length 1; NaN for a vector without direction."""
    size = length(a)
    return scale(a, 1 / size) if size > SHORTEST else (math.nan, math.nan, math.nan)


def without(a: Vector, axis: Vector) -> Vector:
    """The part of `a` that is perpendicular to the unit vector `axis`."""
    return add(a, scale(axis, -dot(a, axis)))


def angle_deg(a: Vector, b: Vector) -> float:
    """Angle between two vectors, 0 to 180 degrees; NaN where one has no direction."""
    if length(a) <= SHORTEST or length(b) <= SHORTEST:
        return math.nan
    return math.degrees(math.atan2(length(cross(a, b)), dot(a, b)))
