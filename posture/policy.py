r"""What an organisation decides for this computer: a signed policy that locks settings and caps what may be recorded.

A policy is a signed note (`posture.signed_note`) whose text is a line `posture policy v1` and TOML:

    serial = 3                          # grows with every policy of this organisation
    issuer = "Works council and IT"
    issued = 2026-11-28
    expires = 2027-11-28

    [cap]                               # at most; what is left out is not capped
    recording = true                    # false: nothing is recorded
    content = "skeleton"                # of what may be recorded
    keep_days = 3
    history_days = 30
    hold_days = 30                      # single recordings that are kept for longer
    faces = "blur"                      # copies that are given away have at least this
    pictures_in_reports = false
    purposes = ["own-posture"]

    [lock]                              # these settings, with these values
    "recorder.mode" = "manual"

It lies beside the keys whose signatures count (`posture.pose.trusted_keys`), where only administrators can write:
`policy`, and `policy.installed`, which says which number was installed last. So a policy that is gone, forged or older
than the last one is noticed, and then the program does not run without it. A note in the data folder of each user says
the same once more, for the case that both files go or come back from a copy. A policy that has expired still binds, and
nothing is recorded until there is a new one.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from posture.errors import ConfigError
from posture.folders import data_folder
from posture.output import whole_file
from posture.pose.trusted_keys import TrustedKeys, system_keys
from posture.privacy import administrators
from posture.privacy.settings import Purpose
from posture.signed_note import NOTE_LIMIT_BYTES, NoteError, PrivateKey, PublicKey, opened
from posture.sinks.recorder_settings import Content

HEAD = "posture policy v1"
FILE, MARK = "policy", "policy.installed"
MEMORY = "policy-seen"
"""In the data folder."""
_ASK = "ask whoever administers this computer"
_MEND = "mend the line that it names and sign again; `posture privacy policy template` prints a policy to start from"
_FACES = ("keep", "blur", "cover")

_Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]


class Caps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most this; None and the empty tuple cap nothing."""

    recording: bool = True
    content: Content | None = None
    keep_days: _Days | None = None
    history_days: _Days | None = None
    hold_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] | None = None
    faces: Literal["blur", "cover"] | None = None
    pictures_in_reports: bool = True
    purposes: tuple[Purpose, ...] = ()


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a note says."""

    serial: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    issuer: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    issued: date
    expires: date
    cap: Caps = Caps()
    lock: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Limit:
    """What a policy says about one setting."""

    key: str
    allows: Callable[[Any], bool]
    instead: object
    """What holds where the settings say something else; as TOML would hold it."""
    words: str
    """What is allowed: `at most 3`."""
    locked: bool
    """Nothing else can be chosen."""
    bound: Literal["only", "most", "least", "one_of"] = "only"
    """What `instead`, or `values`, is to what is allowed, for who says it in another language."""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy that was found sound."""

    policy: Policy
    signer: PublicKey
    sha256: str
    """Of the note, hex."""
    expired: bool

    @property
    def stands_in(self) -> bool:
        """Whether this is no policy of anybody, but what holds while the one of this computer is broken."""
        return self.policy.serial == 0

    @property
    def name(self) -> str:
        """For a message."""
        if self.stands_in:
            return "what holds while the policy of this computer is broken"
        return f"policy {self.policy.serial} of {self.policy.issuer}"

    @property
    def seen(self) -> "Seen":
        """What is remembered of it."""
        return Seen(self.policy.serial, self.sha256, self.signer.key_id.hex())

    def limits(self) -> tuple[Limit, ...]:
        """For every setting that it says something about."""
        cap, lock = self.policy.cap, self.policy.lock
        found = [_equal(key, value) for key, value in lock.items()]
        if self.expired or not cap.recording:
            found.append(_equal("recorder.allowed", False))
        if cap.content is not None:
            order = get_args(Content)
            found += [_ordered(key, order, cap.content, down=True) for key in ("recorder.content", "recorder.most")]
        if cap.faces is not None:
            found.append(_ordered("redact.faces", _FACES, cap.faces, down=False))
        days = {
            "vault.keep_days": cap.keep_days,
            "live.history_days": cap.history_days,
            "vault.hold_days": cap.hold_days,
        }
        found += [_most(key, most) for key, most in days.items() if most is not None]
        if not cap.pictures_in_reports:
            found.append(_equal("output.key_frames", "skeleton"))
        if cap.purposes:
            allowed = cap.purposes
            one = len(allowed) == 1
            words = f"{'nothing but' if one else 'one of'} {', '.join(allowed)}"
            found.append(
                Limit("privacy.purpose", lambda value: value in allowed, allowed[0], words, one, "one_of", allowed)
            )
        return tuple(found)


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest policy that was installed, or seen by a user."""

    serial: int
    sha256: str
    key_id: str
    withdrawn: bool = False


@dataclass(frozen=True)
class PolicyFiles:
    """Where a policy is, and what is remembered of it. `owner`, `top`: as of `administrators.refuse_writable`."""

    folder: Path
    memory: Path
    keys: TrustedKeys
    owner: int = administrators.ROOT_USER
    top: Path | None = None

    def in_force(self, today: date) -> InForce | None:
        """The policy that holds; None where none was ever installed, or the last one was withdrawn.

        Raises ConfigError for one that is missing, forged, older than one that was seen, or could be changed by others.
        """
        note, mark, seen = self._read(FILE), self._mark(), self.seen()
        known = [one for one in (mark, seen) if one is not None]
        newest = max((one.serial for one in known), default=0)
        if note is None:
            if newest == 0 or any(one.withdrawn and one.serial == newest for one in known):
                return None
            raise ConfigError(
                f"policy {newest} was in force on this computer and {self.folder / FILE} is gone, so nothing runs that "
                f"it would bind: {_ASK}; they put it back, or withdraw it (`posture privacy policy remove`)"
            )
        found = read(note, self.keys.read(), today, str(self.folder / FILE))
        same = [one for one in known if one.serial == found.policy.serial]
        if found.policy.serial < newest or any(one.sha256 != found.sha256 or one.withdrawn for one in same):
            raise ConfigError(
                f"{self.folder / FILE} holds policy {found.policy.serial}, and policy {newest} was in force here "
                f"already: {_ASK}; a policy only ever gives way to one with a higher number"
            )
        return found

    def install(self, note: bytes, today: date, name: str) -> InForce:
        """Put a policy into force for all users. Raises ConfigError, SinkError; then what was in force still is."""
        found = read(note, self.keys.read(), today, name)
        mark = self._mark()
        again = mark is not None and mark.sha256 == found.sha256 and not mark.withdrawn
        if mark is not None and found.policy.serial <= mark.serial and not again:
            raise ConfigError(f"policy {mark.serial} was installed here: give the next one a higher number and sign it")
        if found.expired:
            raise ConfigError(f"{name} expired on {found.policy.expires}: sign one that holds for longer")
        administrators.make_folder(self.folder)
        self._write(FILE, note)  # before the mark: one that is higher than the mark is sound, a missing one is not
        self._write(MARK, msgspec.json.encode(found.seen))
        return found

    def withdraw(self) -> int:
        """Take it out of force for all users; its number. Raises ConfigError where there is none, SinkError."""
        mark = self._mark()
        if mark is None or mark.withdrawn:
            raise ConfigError(f"no policy is installed in {self.folder}")
        self._write(MARK, msgspec.json.encode(msgspec.structs.replace(mark, withdrawn=True)))
        try:
            (self.folder / FILE).unlink(missing_ok=True)
        except OSError as exc:
            raise ConfigError(
                f"{self.folder / FILE} cannot be deleted: {exc.strerror}; {administrators.as_administrator()}"
            ) from exc
        return mark.serial

    def next_serial(self) -> int:
        """A number that no policy had that was installed here, or seen by this user. Raises ConfigError."""
        return max((one.serial for one in (self._mark(), self.seen()) if one is not None), default=0) + 1

    def seen(self) -> Seen | None:
        """What is remembered for this user. A file that cannot be read remembers nothing."""
        try:
            return msgspec.json.decode(self.memory.read_bytes(), type=Seen)
        except (OSError, msgspec.DecodeError):
            return None

    def remember(self, today: date) -> Seen | None:
        """Take note of what is in force now; it, where that is news. Raises ConfigError, SinkError."""
        found, before = self.in_force(today), self.seen()
        mark = self._mark()
        if found is not None:
            now = found.seen
        elif before is not None and mark is not None:
            now = mark
        else:
            return None
        if now == before:
            return None
        with whole_file(self.memory, overwrite=True, advice="check the data folder", private=True) as out:
            out.write(msgspec.json.encode(now))
        return now

    def _mark(self) -> Seen | None:
        content = self._read(MARK)
        if content is None:
            return None
        try:
            return msgspec.json.decode(content, type=Seen)
        except msgspec.DecodeError as exc:
            raise ConfigError(f"{self.folder / MARK} cannot be read: {exc}; {_ASK}") from exc

    def _read(self, name: str) -> bytes | None:
        path = self.folder / name
        try:
            if not path.exists() and not path.is_symlink():
                return None
            administrators.refuse_writable(path, owner=self.owner, top=self.top)
            with path.open("rb") as file:
                return file.read(NOTE_LIMIT_BYTES + 1)
        except OSError as exc:
            raise ConfigError(f"{path} cannot be read: {exc.strerror}; {administrators.as_readable(path)}") from exc

    def _write(self, name: str, content: bytes) -> None:
        administrators.refuse_writable(self.folder, owner=self.owner, top=self.top)
        path = self.folder / name
        with whole_file(path, overwrite=True, advice=administrators.as_administrator(), private=True) as out:
            out.write(content)
        administrators.open_to_read_only(path)


def stand_in() -> InForce:
    """For who goes on although the policy of this computer is broken: nothing that one could forbid is recorded.

    No period is shorter than what each user chose: a file that is gone must not erase anything.
    """
    caps = Caps(recording=False, content="skeleton", hold_days=0, faces="cover", pictures_in_reports=False)
    nothing = Policy(serial=0, issuer="nobody", issued=date.min, expires=date.max, cap=caps)
    return InForce(nothing, PublicKey("nobody", bytes(32)), "", expired=False)


def system_files() -> PolicyFiles:
    """Those of this computer. No setting moves the first folder; `POSTURE_DATA` moves the memory alone."""
    return PolicyFiles(administrators.system_folder(), data_folder() / MEMORY, system_keys())


def read(note: bytes, keys: Iterable[PublicKey], today: date, name: str, advice: str = _ASK) -> InForce:
    """A policy, if a trusted key signed it. Raises ConfigError; `name`: of the file, `advice`: for the message."""
    try:
        text, signer = opened(note, keys)
    except NoteError as exc:
        raise ConfigError(f"{name} is no policy that counts here: {exc}; {advice}") from exc
    policy = parsed(text, name, advice)
    return InForce(policy, signer, hashlib.sha256(note).hexdigest(), policy.expires < today)


def parsed(text: str, name: str, advice: str = _ASK) -> Policy:
    """The policy of a text. Raises ConfigError with the place; `advice`: for the message."""
    head, _, body = text.partition("\n")
    if head != HEAD:
        raise ConfigError(f"{name}: a policy of this version begins with the line {HEAD!r}; {advice}")
    try:
        tree = tomllib.loads(body)
        if tree.get("issuer") == "":
            raise ConfigError(f"{name} is no policy: its issuer is empty; say there who decides")
        policy = msgspec.convert(tree, Policy)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise ConfigError(f"{name} is no policy: {exc}; {advice}") from exc
    if policy.expires < policy.issued:
        raise ConfigError(f"{name}: it expires before it is issued; {advice}")
    return policy


def signed(body: str, key: PrivateKey, name: str) -> str:
    """The note of a policy in TOML, with or without its first line. Raises ConfigError for what is none."""
    text = body if body.startswith(HEAD) else f"{HEAD}\n{body}"
    text = text.rstrip("\n") + "\n"
    parsed(text, name, _MEND)
    return key.sign(text)


def applied(tree: dict[str, Any], limits: Iterable[Limit], explicit: Mapping[str, object], who: str) -> None:
    """Hold `tree`, sections of plain values, to what a policy allows.

    What `explicit` names was asked for just now, and is refused; what stands in a file or is a
    default gives way. Raises ConfigError with the key path, the value and what is allowed.
    """
    for limit in limits:
        section, _, name = limit.key.partition(".")
        if name not in tree.get(section, {}):
            raise ConfigError(f"{who} names the setting {limit.key!r}, which there is not; {_ASK}")
        value = tree[section][name]
        if limit.allows(value):
            continue
        if limit.key in explicit:
            raise ConfigError(f"setting {limit.key} = {value!r}: {who} allows {limit.words}; {_ASK}")
        tree[section][name] = limit.instead


def _equal(key: str, wanted: object) -> Limit:
    plain = msgspec.to_builtins(wanted)
    return Limit(key, lambda value: _plain(value) == plain, plain, f"nothing but {_shown(wanted)}", True)


def _most(key: str, most: int) -> Limit:
    return Limit(key, lambda value: value <= most, most, f"at most {most}", False, "most")


def _ordered(key: str, order: tuple[str, ...], bound: str, *, down: bool) -> Limit:
    """A word that stands no later in `order` than `bound`, or no earlier."""
    place = order.index(bound)
    allowed = order[: place + 1] if down else order[place:]
    one = len(allowed) == 1
    words = f"{'nothing but' if one else 'at most' if down else 'at least'} {bound}"
    return Limit(key, lambda value: value in allowed, bound, words, one, "most" if down else "least")


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
