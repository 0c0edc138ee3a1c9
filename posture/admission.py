"""How a model of an organisation comes in: signature, hash, check, a run in a process of its own, and then it is kept.

There is no way around any of these steps.
"""

import os
import tomllib
from hashlib import sha256
from pathlib import Path

import msgspec

from posture import wire
from posture.config import Settings
from posture.errors import ConfigError, ModelError, ModelMismatch, ModelMissing, ModelRefused, SourceError
from posture.job import Job, JobSettings
from posture.output import whole_file
from posture.pose import package
from posture.pose.added import AddedModels
from posture.pose.brought.use import Use, from_tree
from posture.pose.catalogue import MODEL_LIMIT_BYTES, read_limited
from posture.pose.formats import SUFFIXES
from posture.pose.package import NOTE, OnRefused, Opened, silent, step
from posture.signed_note import PrivateKey

ENTRY_LIMIT_BYTES = 64 << 10
TRIAL_S = 120.0
"""Wall-clock seconds for loading and one run, most of which is the start of a process."""


def sign(
    folder: Path, key: PrivateKey, *, source: str, licence: str, overwrite: bool = False
) -> package.SignedManifest:
    """Check every model of a folder and write its signed `models.note`.

    Raises ModelMissing where there are none, ModelMismatch, ModelRefused, OutputExists, SinkError.
    """
    files = sorted(file for suffix in SUFFIXES for file in folder.glob(f"*{suffix}"))
    if not files:
        raise ModelMissing(f"{folder} holds no file whose name ends in {' or '.join(SUFFIXES)}")
    models = tuple(
        package.described(
            file, read_limited(file, MODEL_LIMIT_BYTES), source=source, licence=licence, use=use_beside(file)
        )
        for file in files
    )
    note = package.signed(models, key)
    advice = "pass --overwrite to replace the note that is there"
    with whole_file(folder / NOTE, overwrite=overwrite, advice=advice) as out:
        out.write(note)
    return package.SignedManifest(1, models)


def add(
    folder: Path,
    added: AddedModels,
    settings: Settings,
    refused: OnRefused = silent,
    expected: frozenset[str] | None = None,
) -> Opened:
    """Take in all models of a folder, or none. `refused` hears of the one that is not taken.

    `expected`: the SHA-256 that somebody was told another way; a model with another one is not taken.

    Raises ModelMissing, ModelMismatch, ModelRefused, SinkError; ConfigError where the trusted keys are not safe.
    """
    path = folder / NOTE
    note = package.read_note(path)
    with step(sha256(note).hexdigest(), "signature", refused):
        found = package.open_note(note, added.keys.read(), path)
    contents = {}
    for model in found.manifest.models:
        file = folder / model.file
        with step(model.sha256, "hash", refused):
            if expected is not None and model.sha256 not in expected:
                raise ModelMismatch(
                    f"{file} has the SHA-256 {model.sha256}, which is not one that you gave; compare it with what you "
                    "were told, and add the folder only if it is the same"
                )
            data = read_limited(file, MODEL_LIMIT_BYTES)
        package.verify(model, data, file, refused)
        with step(model.sha256, "load", refused):
            _try(file, model.sha256, settings, model.use)
        contents[model.name] = data
    added.put(found, contents)
    return found


def use_beside(file: Path) -> Use | None:
    """The entry in NAME.toml beside a model; None where there is none. Raises ConfigError."""
    entry = file.with_suffix(".toml")
    if not entry.is_file():
        return None
    try:
        tree = tomllib.loads(read_limited(entry, ENTRY_LIMIT_BYTES).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{entry} is no TOML: {exc}") from exc
    return from_tree(tree, str(entry))


def _try(file: Path, digest: str, settings: Settings, use: Use | None) -> None:
    """Load and run a model once, in a process with the limits of decoding. Raises ModelMismatch, ModelRefused.

    On the processor: with a graphics card the process would have more rights.
    """
    spec = wire.JobSpec(
        path=os.fsencode(file),
        pose=msgspec.structs.replace(settings.pose, providers=("cpu",)),
        measure=settings.measure,
        analysis=settings.analysis,
        memory_bytes=settings.job.memory_mib << 20,
        trial_sha256=digest,
        trial_use=use,
    )
    limits = JobSettings(memory_mib=settings.job.memory_mib, stall_s=TRIAL_S, time_limit_s=TRIAL_S)
    job = Job(spec, limits)
    try:
        for _ in job:
            pass
    except (SourceError, ModelError) as exc:
        raise ModelRefused(f"{file}: its first run failed: {exc}; ask whoever signed it for a sound one") from exc
    finally:
        job.close()
