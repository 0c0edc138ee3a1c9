"""The certificates of a fleet: one authority a fleet, and one certificate a machine for what it is there.

    DIR/authority.key     signs certificates; stays on the machine where it was made, and is needed there alone
    DIR/NAME/             what the machine NAME gets, whole: authority.pem, certificate.pem, private.key

Everything is ECDSA on P-256 with SHA-256 (RFC 5480, RFC 5758), because TLS 1.3 (RFC 8446) has it in every build of
OpenSSL. Whoever holds a certificate of the authority is trusted with everything that the fleet can do (SECURITY.md), so
keys are readable by their owner alone. A certificate says what its machine is: the extended key usage keeps the key of
a client from acting as a server, and the name in it, which the other side asks for, keeps a worker from acting as the
scheduler.
"""

import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from posture.errors import ConfigError, SinkError
from posture.output import translated, whole_file

Role = Literal["scheduler", "worker", "client"]
ROLES: Mapping[str, Role] = {"scheduler": "scheduler", "worker": "worker", "client": "client"}

AUTHORITY, CERTIFICATE, KEY, AUTHORITY_KEY = "authority.pem", "certificate.pem", "private.key", "authority.key"
VALID_DAYS = 365
"""Of a certificate; the authority lives ten times as long, so that a machine can get a new one without the others."""
MOST_DAYS = 3650
WARN_DAYS = 30
"""A certificate that ends within these is said at every start."""
_CLOCKS_DIFFER = timedelta(hours=1)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")  # RFC 1123: also the name of a folder on every system
_USAGES = {
    "scheduler": [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
    "worker": [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
    "client": [ExtendedKeyUsageOID.CLIENT_AUTH],
}

Now = Callable[[], datetime]


def server_name(role: Role) -> str:
    """The name that a machine of this role answers to: in its certificate, and never looked up (RFC 9476: .alt)."""
    return f"{role}.posture.alt"


@dataclass(frozen=True, slots=True)
class Certificates:
    """The three files of one machine, and what its certificate says."""

    authority: Path
    certificate: Path
    key: Path
    role: Role
    name: str
    fleet: str
    """First 16 hex digits of the SHA-256 of the authority: which fleet it is."""
    begins: datetime
    ends: datetime


def create_authority(folder: Path, now: Now = lambda: datetime.now(UTC)) -> Path:
    """A new authority in `folder`, which must not have one. Returns the certificate.

    Raises OutputExists if there is one: replacing it would shut every machine of its fleet out. SinkError if it cannot
    be written.
    """
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "posture fleet")])
    built = (
        _begun(name, name, key, timedelta(days=10 * VALID_DAYS), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _make_private_folder(folder)
    advice = "a fleet has one authority; name another folder for another fleet"
    with whole_file(folder / AUTHORITY_KEY, private=True, advice=advice) as file:
        file.write(_private(key))
    with whole_file(folder / AUTHORITY, overwrite=True, advice=advice) as file:
        file.write(built.public_bytes(Encoding.PEM))
    return folder / AUTHORITY


def create_machine(
    folder: Path,
    role: Role,
    name: str,
    days: int = VALID_DAYS,
    now: Now = lambda: datetime.now(UTC),
    *,
    renew: bool = False,
) -> Certificates:
    """A certificate for the machine `name`, in a folder of that name below `folder`, where the authority is.

    `renew`: another one for the key that the machine has, ended or not; only certificate.pem has to be carried there.
    Raises ConfigError for a name or a time that is not possible or an authority that is not there or not readable,
    OutputExists if the machine has one, SinkError if it cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} cannot be the name of a machine: letters, digits and hyphens, at most 63")
    if not 1 <= days <= MOST_DAYS:
        raise ConfigError(f"--days takes 1 to {MOST_DAYS}, not {days}")
    authority, authority_key = _authority(folder)
    own = folder / name
    if renew and (held := _read(own)).role != role:
        raise ConfigError(f"{own} is of a {held.role}; a certificate is renewed for what its machine is")
    key = _private_key(own / KEY) if renew else generate_private_key(SECP256R1())
    lasts = min(timedelta(days=days), authority.not_valid_after_utc - now())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role),
        ]
    )
    signed = (
        _begun(subject, authority.subject, key, lasts, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_USAGES[role]), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(server_name(role))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _make_private_folder(own)
    advice = "--renew makes a new certificate for it"
    if not renew:
        with whole_file(own / KEY, private=True, advice=advice) as file:
            file.write(_private(key))
    with whole_file(own / CERTIFICATE, overwrite=True, advice=advice) as file:
        file.write(signed.public_bytes(Encoding.PEM))
    with whole_file(own / AUTHORITY, overwrite=True, advice=advice) as file:
        file.write(authority.public_bytes(Encoding.PEM))
    return load(own, role, now)


def load(folder: Path, role: Role, now: Now = lambda: datetime.now(UTC)) -> Certificates:
    """The certificate of this machine, which must be for `role`, of the authority beside it, and valid now.

    Raises ConfigError that says what is wrong: missing, not readable, for something else, ended, a key that others can
    read.
    """
    own = _read(folder)
    if own.role != role:
        raise ConfigError(f"{own.certificate} is the certificate of a {own.role}, and a {role} is needed here")
    if now() < own.begins:
        raise ConfigError(f"{own.certificate} is not valid yet: is the clock of this machine right?")
    if now() > own.ends:
        raise ConfigError(f"{own.certificate} ended on {own.ends:%Y-%m-%d}: renew it with posture fleet certs --renew")
    return own


def _read(folder: Path) -> Certificates:
    """Whatever its role and time. Raises ConfigError."""
    paths = folder / AUTHORITY, folder / CERTIFICATE, folder / KEY
    authority, certificate = _certificate(paths[0]), _certificate(paths[1])
    _check_private(paths[2])
    names = {attribute.oid: str(attribute.value) for attribute in certificate.subject}
    role = ROLES.get(names.get(NameOID.ORGANIZATIONAL_UNIT_NAME, ""))
    if role is None:
        raise ConfigError(f"{paths[1]} is no certificate of posture fleet certs")
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as exc:
        raise ConfigError(f"{paths[1]} is not of the authority in {paths[0]}") from exc
    return Certificates(
        *paths,
        role=role,
        name=names.get(NameOID.COMMON_NAME, ""),
        fleet=fleet_id(authority),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def machines(folder: Path) -> list[Certificates]:
    """What was made below the folder of an authority and is still there, by name; ended ones too."""
    found = []
    for own in sorted(folder.iterdir()):
        if (own / CERTIFICATE).exists():
            with suppress(ConfigError):
                found.append(_read(own))
    return found


def fleet_of(folder: Path) -> str:
    """Which fleet the authority in this folder is of. Raises ConfigError."""
    return fleet_id(_certificate(folder / AUTHORITY))


def fleet_id(authority: x509.Certificate) -> str:
    """Which fleet: 16 hex digits of the fingerprint of its authority."""
    return authority.fingerprint(hashes.SHA256()).hex()[:16]


def days_left(certificates: Certificates, now: Now = lambda: datetime.now(UTC)) -> int:
    """Whole days until it ends."""
    return (certificates.ends - now()).days


def _begun(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, lasts: timedelta, now: Now
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - _CLOCKS_DIFFER)
        .not_valid_after(now() + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _authority(folder: Path) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    certificate = _certificate(folder / AUTHORITY)
    path = folder / AUTHORITY_KEY
    key = _private_key(path)
    if key.public_key() != certificate.public_key():
        raise ConfigError(f"{path} is not the key of {folder / AUTHORITY}")
    return certificate, key


def _private_key(path: Path) -> EllipticCurvePrivateKey:
    _check_private(path)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as exc:
        raise ConfigError(f"{path} is not the key of a fleet: make one with posture fleet certs") from exc
    if not isinstance(key, EllipticCurvePrivateKey):
        raise ConfigError(f"{path} is not the key of a fleet: make one with posture fleet certs")
    return key


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as exc:
        raise ConfigError(f"{path}: {exc.strerror}; certificates are made with posture fleet certs") from exc
    except ValueError as exc:
        raise ConfigError(f"{path} is no certificate") from exc


def _private(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _make_private_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as exc:
        raise translated(folder, exc, "name another folder") from exc
    if not folder.is_dir():
        raise SinkError(f"{folder} is no folder")


def _check_private(path: Path) -> None:
    """Refuse a key that others can read, as ssh does. Windows: the folder of the user is private already."""
    try:
        mode = path.stat().st_mode
    except OSError as exc:
        raise ConfigError(f"{path}: {exc.strerror}; certificates are made with posture fleet certs") from exc
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
        raise ConfigError(f"{path} can be read by others: chmod 600 {os.fspath(path)}")
