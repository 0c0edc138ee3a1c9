"""Whether two analyses can be compared at all. What cannot is refused with the reason and what to do."""

from posture.errors import ConfigError
from posture.reports.compared.series import Series

LEAST_S = 60.0
"""Least time in view of each side: below, an interval says more of chance than of the work."""
SAME_VIEW = 0.5
"""Least share that both sides must have in the view that both have most in common."""
RATE_RATIO = 2.0
"""Peaks and P90 depend on how often was looked; up to this ratio they are taken as comparable (own choice)."""
RULES = ("scores.", "analysis.poses")
"""Settings that decide what a figure means."""


def refuse(before: Series, after: Series) -> None:
    """Raise ConfigError where a comparison would say nothing."""
    for one in (before, after):
        whole_s = float(one.duration_s.sum())
        if whole_s < LEAST_S:
            raise ConfigError(
                f"{one.name}: {whole_s:.0f} s in view are too little to compare, at least {LEAST_S:.0f} s are needed"
            )
    _same_view(before, after)
    _same_rules(before, after)
    faster, slower = max(before.rate_hz, after.rate_hz), min(before.rate_hz, after.rate_hz)
    if faster > RATE_RATIO * slower:
        raise ConfigError(
            f"{before.name} has {before.rate_hz:.3g} poses a second and {after.name} {after.rate_hz:.3g}: analyse both "
            "with the same --rate"
        )


def _same_view(before: Series, after: Series) -> None:
    if not before.views_s or not after.views_s:
        return
    shares = [_shares(one) for one in (before, after)]
    common = sum(min(shares[0].get(view, 0.0), shares[1].get(view, 0.0)) for view in shares[0])
    if common < SAME_VIEW:
        seen = [max(share, key=lambda view: share[view]) for share in shares]
        raise ConfigError(
            f"{before.name} shows mostly the {seen[0]} and {after.name} the {seen[1]}: each view measures other "
            "angles, so film both from the same side"
        )


def _shares(one: Series) -> dict[str, float]:
    whole = sum(one.views_s.values()) or 1.0
    return {view: spent / whole for view, spent in one.views_s.items()}


def _same_rules(before: Series, after: Series) -> None:
    if before.model and after.model and before.model != after.model:
        raise ConfigError("the two were measured with different models: analyse both again with the same --model")
    names = sorted(name for name in before.settings.keys() & after.settings.keys() if name.startswith(RULES))
    for name in names:
        if before.settings[name] != after.settings[name]:
            raise ConfigError(
                f"{name} is {before.settings[name]!r} in {before.name} and {after.settings[name]!r} in {after.name}: "
                "the figures mean different things; analyse both again with the same settings"
            )
