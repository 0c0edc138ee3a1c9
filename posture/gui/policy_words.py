"""What a signed policy says about a setting, in the language of the window."""

from posture.gui.setting_words import choice
from posture.gui.words import tr
from posture.policy import InForce, Limit


def sentence(found: InForce, limit: Limit) -> str:
    """Who locks or caps a setting, and what is allowed."""
    if found.stands_in:
        return f"■  {tr('Locked: the policy of this computer does not hold.')}"
    name = tr("policy {serial} of {issuer}", serial=found.policy.serial, issuer=found.policy.issuer)
    if limit.locked:
        return f"■  {tr('Locked by {policy}: {allowed}.', policy=name, allowed=tr('nothing but this'))}"
    return f"▲  {tr('Capped by {policy}: {allowed}.', policy=name, allowed=_allowed(limit))}"


def _allowed(limit: Limit) -> str:
    value = choice(str(limit.instead))
    if limit.bound == "most":
        return tr("at most {value}", value=value)
    if limit.bound == "least":
        return tr("at least {value}", value=value)
    return tr("one of {values}", values=", ".join(map(choice, limit.values)))
