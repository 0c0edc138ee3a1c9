"""What stands in the places of a text: the facts, in the words of one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from posture.paperwork.facts import Facts
from posture.policy import Limit

_HOURS = 24


@dataclass(frozen=True, slots=True)
class Values:
    """For the texts of one language."""

    texts: dict[str, str]
    """Name to value."""
    told: dict[str, str]
    """What people told the program (`[privacy]`); empty where they did not."""
    flags: dict[str, bool]
    """What is so."""
    about: Facts
    words: Mapping[str, Any]

    def setting(self, key: str, what: str) -> dict[str, str]:
        """A row about a setting: what, key, value, who locks it, and a field for what was agreed."""
        section, _, name = key.partition(".")
        value = getattr(getattr(self.about.settings, section), name)
        policy = self.about.policy
        limit = policy.settings.get(key) if policy else None
        return {
            "what": what,
            "key": f"`{key}`",
            "value": self._shown(value),
            "locked": self._allowed(limit),
            "agreed": "{?-: …}",
        }

    def _allowed(self, limit: Limit | None) -> str:
        """What a policy allows."""
        if limit is None:
            return str(self.words["value"]["no"])
        bound = "only" if limit.locked else limit.bound
        value = ", ".join(limit.values) if bound == "one_of" else self._shown(limit.instead)
        return str(self.words["limit"][bound].format(value=value))

    def _shown(self, value: object) -> str:
        words = self.words["value"]
        if isinstance(value, bool):
            return str(words["yes"] if value else words["no"])
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def values_of(about: Facts, words: Mapping[str, Any], language: str) -> Values:
    """The values for texts with these shared words."""
    settings, value = about.settings, words["value"]
    privacy, recorder, vault, live = settings.privacy, settings.recorder, settings.vault, settings.live
    pre_roll = {"pre_roll": str(recorder.pre_roll_s)}
    mode = words["mode"][recorder.mode].format_map(pre_roll)
    content = words["content"][recorder.content]
    policy = about.policy
    readers = ", ".join(about.readers)
    texts = {
        "day": shown_day(about.day, language),
        "version": about.version,
        "purpose": words["purpose"][privacy.purpose],
        "content": content,
        "content_capital": _capital(content),
        "picture": value["no"] if recorder.content == "skeleton" else value["yes"],
        "mode": mode,
        "mode_capital": _capital(mode),
        "rate": str(recorder.rate_hz),
        "height": str(recorder.height),
        "keep_hours": str(_HOURS * vault.keep_days),
        "keep_hours_most": str(_HOURS * (vault.keep_days + 1)),
        "history_days": str(live.history_days),
        "audit_months": str(settings.audit.keep_months),
        "lock_min": str(vault.lock_after_min),
        "people_limit": str(live.people),
        "folder": f"`{vault.folder}`" if vault.folder else value["data_folder"],
        "opens": value["keyring"] if about.keyring else value["passphrase"],
        "readers": readers,
        "readers_or_none": readers or value["none"],
        "held": str(about.held),
        "synchronised": about.synchronised,
        "network": value["closed"] if about.network_closed else value["open"],
        "network_word": value["closed_word"] if about.network_closed else value["open_word"],
        "policy_issuer": policy.issuer if policy else "",
        "policy_serial": str(policy.serial) if policy else "",
        "policy_expires": shown_day(policy.expires, language) if policy else "",
        "policy_word": value["policy_word" if policy else "no_policy_word"],
        "policy_sentence": "",
        "stored": "",
        "receives": "",
    }
    flags = {
        "has_vault": about.has_vault,
        "recording": recorder.allowed,
        "remembers": live.remember_profiles,
        "audit": settings.audit.enabled,
        "has_readers": bool(about.readers),
        "synchronised": bool(about.synchronised),
        "policy": policy is not None,
    }
    texts["policy_sentence"] = value["policy_sentence" if policy else "no_policy_sentence"].format_map(texts)
    texts["stored"] = _stored(texts, flags, words["stored"])
    outside = [*about.readers, *(one.name for one in settings.flow.declared), *filter(None, [about.synchronised])]
    texts["receivers"] = ", ".join(outside)
    texts["receives"] = words["stored"]["receivers" if outside else "nobody"].format_map(texts)
    told = {name: getattr(privacy, name) for name in privacy.__struct_fields__}
    return Values(texts, told, flags, about, words)


def shown_day(day: date, language: str) -> str:
    """As people write it: 28.11.2026, or 2026-11-28."""
    return f"{day:%d.%m.%Y}" if language == "de" else day.isoformat()


def _stored(texts: Mapping[str, str], flags: Mapping[str, bool], words: Mapping[str, str]) -> str:
    """In a few sentences, for a notice."""
    names = ["live", "records" if flags["recording"] and flags["has_vault"] else "records_not"]
    if flags["has_vault"]:
        names.append("history")
    return " ".join(words[name].format_map(texts) for name in names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
