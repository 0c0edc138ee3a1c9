"""What the program knows about itself and this installation, for its paperwork. Nothing is guessed.

Collecting reads the settings, the public part of the vault and the list of models, and tries whether the network is
closed; it opens no camera and asks for no passphrase.
"""

from dataclasses import dataclass
from datetime import date

from posture import __version__, config
from posture.config import Settings
from posture.errors import ConfigError, Damaged, Locked, ModelError
from posture.policy import Limit
from posture.pose.catalogue import Catalogue
from posture.privacy import guard
from posture.vault.places import copied_by, recordings_folder
from posture.vault.ring import Ring
from posture.vault.store import Vault


@dataclass(frozen=True, slots=True)
class Model:
    """One model that the program may run."""

    name: str
    purpose: str
    sha256: str
    """Hex."""


@dataclass(frozen=True, slots=True)
class Locking:
    """What a signed policy decides."""

    issuer: str
    serial: int
    key_id: str
    expires: date
    settings: dict[str, Limit]
    """Key path of a setting to what the policy says about it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in the documents."""

    settings: Settings
    day: date
    version: str
    models: tuple[Model, ...]
    has_vault: bool
    keyring: bool
    """The keyring of the system opens the vault, too."""
    readers: tuple[str, ...]
    """Who else can read what is recorded now, as they are called here."""
    held: int
    """Recordings that are kept for longer, each under a key of its own."""
    synchronised: str
    """The program that copies the folder of recordings to other computers; empty where none is known to."""
    network_closed: bool
    """The operating system keeps this program from the network; tried just now."""
    policy: Locking | None = None


def collected(settings: Settings, vault: Vault, today: date) -> Facts:
    """The facts of this installation. Raises Damaged where the vault's ring is, ConfigError where the policy is."""
    ring = _ring(vault)
    keys = ring.keys if ring else ()
    return Facts(
        settings=settings,
        day=today,
        version=__version__,
        models=_models(),
        has_vault=ring is not None,
        keyring=vault.has_keyring,
        readers=tuple(other.name for other in ring.others if (other.through or date.min) >= today) if ring else (),
        held=sum(key.until is not None and key.use == "clips" for key in keys),
        synchronised=copied_by(recordings_folder(settings.vault.folder)) or "",
        network_closed=next((layer.active for layer in guard.layers() if layer.name == "system"), False),
        policy=_policy(),
    )


def _policy() -> Locking | None:
    found, limits = config.limits()
    if found is None:
        return None
    if found.stands_in:
        raise ConfigError(
            "the policy of this computer does not hold, so no paper can say what it locks: `posture privacy policy "
            "check` says why, and whoever administers this computer mends it"
        )
    policy = found.policy
    return Locking(policy.issuer, policy.serial, found.signer.key_id.hex(), policy.expires, limits)


def _ring(vault: Vault) -> Ring | None:
    try:
        return vault.ring() if vault.exists else None
    except Locked:
        return None


def _models() -> tuple[Model, ...]:
    """Those that come with the program and are there."""
    try:
        found = Catalogue.load().verify_all()
    except (ModelError, Damaged):
        return ()
    return tuple(Model(one.entry.name, one.entry.purpose, one.entry.sha256) for one in found if one.state == "verified")
