"""`posture models`: what the program can run, whether the files are what they should be, and models of others."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posture.audit.events import Event
from posture.cli import exits, trail
from posture.cli.screen import new_grid, stderr, stdout
from posture.cli.signing import KeyFile, NewKey, signing_key
from posture.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from posture.pose.added import AddedModels, Examined
    from posture.pose.catalogue import Verification
    from posture.pose.trusted_keys import TrustedKeys

app = typer.Typer(
    help="The pose models, their verification, and models that an organisation signed.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")]
Package = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder with the .onnx and .tflite files.")]
NOT_STATED = "not stated"

_HOW_TO_USE = {
    "pose_landmark": "use it with --model {}",
    "pose": "use it with --model {}",
    "detector": 'use it with detector = "{}" under [pose]',
    "other": "without an entry ({}.toml beside it) nothing uses such a model",
}
_MARKS = {"verified": "[blue]● verified[/blue]", "missing": "[dim]○ missing[/dim]", "failed": "[red]■ FAILED[/red]"}


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Name, purpose, size, source and licence of every model; of added ones also who signed them and their state."""
    import msgspec

    from posture.pose.catalogue import Catalogue
    from posture.pose.settings import DETECTION_MODELS, LANDMARK_MODELS

    entries = Catalogue.load().entries
    added = _examined()
    if as_json:
        tree = {
            "schema": "posture.models/1",
            "models": msgspec.to_builtins(entries),
            "added": [_as_dict(each) for each in added],
        }
        print(msgspec.json.format(msgspec.json.encode(tree), indent=1).decode())
        return
    chosen_with = {full: f"--model {short}" for short, full in LANDMARK_MODELS.items()}
    chosen_with |= {full: f'detector = "{short}"' for short, full in DETECTION_MODELS.items()}
    grid = new_grid("name", "purpose", "input", "size", "SHA-256", "licence")
    for entry in entries:
        shape = "×".join(str(n) for n in entry.inputs[0].shape)
        size = f"{entry.bytes / 1e6:.1f} MB"
        name = f"{entry.name} (optional)" if entry.optional else entry.name
        if entry.name in chosen_with:
            name = f"{name}\n[dim]{chosen_with[entry.name]}[/dim]"
        grid.add_row(name, entry.purpose, f"{shape} {entry.inputs[0].dtype}", size, entry.sha256[:12], entry.licence)
    stdout.print(grid)
    if added:
        _show_added(added)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Read every model file and compare its SHA-256 with the manifest; of added ones check signature and content too.

    Exit 65 if one is not what it should be.
    """
    from posture.pose.catalogue import Catalogue

    trail.started("models.verify")
    results, added = Catalogue.load().verify_all(), _examined()
    for result in results:
        _record(result)
    for each in added:
        _record_examined(each)
    if as_json:
        models = [{"name": r.entry.name, "state": r.state, "message": r.message} for r in results]
        tree = {"schema": "posture.models-verify/1", "models": models, "added": [_as_dict(each) for each in added]}
        print(json.dumps(tree, indent=1))
    else:
        for result in results:
            _show_state(result.state, result.entry.name, result.message)
        for each in added:
            signer = f", signed by {each.signer}" if each.signer else ""
            _show_state(each.state, f"{each.name} (added{signer})", each.message)
    if not all(result.ok for result in results) or any(each.state != "verified" for each in added):
        raise typer.Exit(exits.BAD_DATA)


@app.command()
def add(
    folder: Package,
    sha256: Annotated[
        list[str] | None,
        typer.Option("--sha256", metavar="HASH", help="Take only models with this SHA-256; for each of them once."),
    ] = None,
) -> None:
    """Take in the models of a folder that somebody signed whose key an administrator of this computer trusts.

    Signature, hashes and content are checked, and each model runs once in a process without rights. Nothing can be
    loaded that does not pass.
    """
    from posture import admission, config
    from posture.pose.settings import PoseSettings

    def refused(sha256: str, reason: str) -> None:
        trail.record(Event.MODEL_REFUSED, sha256=sha256, reason=reason)

    trail.started("models.add")
    # A settings file that already names the model must not keep it from being added.
    settings = config.load({"pose.model": PoseSettings().model, "pose.detector": PoseSettings().detector})
    expected = frozenset(each.lower() for each in sha256) if sha256 else None
    opened = admission.add(folder, _added(), settings, refused, expected)
    key = opened.signer
    for model in opened.manifest.models:
        trail.record(Event.MODEL_ADDED, sha256=model.sha256, key_id=key.key_id.hex())
        use = _HOW_TO_USE[model.role].format(model.name)
        _say(f"added {model.name}, signed by {key.name} {key.key_id.hex()}; {use}")


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A model, .onnx or .tflite.")],
    as_json: AsJson = False,
) -> None:
    """Propose an entry for a model from its inputs and outputs, and say what in it is a guess. Nothing is run.

    Write it to NAME.toml beside the model, look up what is said to be a guess, and sign the folder.
    """
    import msgspec
    import tomli_w

    from posture.pose.brought.propose import propose
    from posture.pose.brought.use import as_tree
    from posture.pose.catalogue import MODEL_LIMIT_BYTES, read_limited
    from posture.pose.formats import facts_of

    data = read_limited(file, MODEL_LIMIT_BYTES)
    try:
        facts = facts_of(data, open_sizes=True)
        proposal = propose(facts)
    except ModelError as exc:
        raise type(exc)(f"{file}: {exc}") from exc
    if as_json:
        tree = {
            "schema": "posture.models-inspect/1",
            "model": msgspec.to_builtins(facts),
            "use": as_tree(proposal.use),
            "unsure": list(proposal.unsure),
        }
        print(json.dumps(tree, indent=1))
        return
    for each in proposal.unsure:
        print(f"# a guess: {each}")
    lines = tomli_w.dumps(as_tree(proposal.use))
    print(re.sub(r"\[\n([^\]]*)\n\]", lambda rows: f"[{' '.join(rows[1].split()).rstrip(',')}]", lines), end="")


@app.command()
def remove(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Forget an added model."""
    trail.started("models.remove")
    added = _added()
    before = added.examine(name)
    added.remove(name)
    known = {"sha256": before.sha256, "key_id": before.signer.rpartition(" ")[2]}
    trail.record(Event.MODEL_REMOVED, **{name: value for name, value in known.items() if value})
    _say(f"removed {name}")


@app.command()
def sign(
    folder: Package,
    key: KeyFile,
    new_key: NewKey = None,
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where the models come from.")] = NOT_STATED,
    licence: Annotated[str, typer.Option(metavar="TEXT", help="Under which licence they may be used.")] = NOT_STATED,
    overwrite: Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace the note that is there.")] = False,
) -> None:
    """Check the models of a folder and write models.note, signed, for other computers of the organisation.

    NAME.toml beside a model says how it is used (`posture models inspect` proposes one) and is signed with it.
    """
    from posture import admission

    trail.started("models.sign")
    with signing_key(key, new_key) as private:
        manifest = admission.sign(folder, private, source=source, licence=licence, overwrite=overwrite)
    for model in manifest.models:
        _say(f"signed {model.name} ({model.role}), SHA-256 {model.sha256}")
    _say(f"by {private.name}, key id {private.public.key_id.hex()}; hand out the folder and, another way, this line:")
    print(private.public)


@app.command()
def trust(
    key_line: Annotated[str | None, typer.Argument(metavar="KEY-LINE", help="Trust this key: NAME+ID+KEY.")] = None,
    show: Annotated[bool, typer.Option("--list", metavar="", help="Print the trusted keys.")] = False,
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="KEYID", help="No longer trust the key with this id.")
    ] = None,
) -> None:
    """Decide, as an administrator, whose models may run on this computer. All users can see the list."""
    if sum([key_line is not None, show, remove is not None]) != 1:
        raise typer.BadParameter("give a KEY-LINE, or --list, or --remove KEYID")
    trail.started("models.trust")
    keys = _added().keys
    if key_line is not None:
        _trust(keys, key_line)
    elif remove is not None:
        gone = keys.remove(remove)
        trail.record(Event.MODEL_KEY_DISTRUSTED, key_id=gone.key_id.hex())
        _say(f"no longer trusted: {gone.name} {gone.key_id.hex()}; what it signed is refused from now on")
    else:
        trusted = keys.read()
        for key in trusted:
            print(key)
        _say(f"{len(trusted)} trusted {'key' if len(trusted) == 1 else 'keys'} in {keys.path}")


def _trust(keys: "TrustedKeys", line: str) -> None:
    from posture.signed_note import NoteError, PublicKey

    try:
        key: PublicKey = PublicKey.parse(line)
    except NoteError as exc:
        raise ConfigError(f"this is no key line: {exc}; take the line that signing printed") from exc
    if not keys.add(key):
        _say(f"already trusted: {key.name} {key.key_id.hex()}")
        return
    trail.record(Event.MODEL_KEY_TRUSTED, key_id=key.key_id.hex())
    _say(f"trusted from now on: {key.name} {key.key_id.hex()}; compare the id with the one that its owner tells you")


def _added() -> "AddedModels":
    from posture.pose.added import AddedModels

    return AddedModels()


def _examined() -> list["Examined"]:
    added = _added()
    return [added.examine(name) for name in added.names()]


def _show_added(added: list["Examined"]) -> None:
    grid = new_grid("added", "role", "SHA-256", "signed by", "licence", "state")
    for each in added:
        model = each.model
        about = (model.role, model.sha256[:12], each.signer, model.licence) if model else ("", "", "nobody trusted", "")
        grid.add_row(each.name, *about, _MARKS[each.state])
    stdout.print(grid)


def _show_state(state: str, name: str, message: str) -> None:
    stdout.print(f"{_MARKS[state]} ", end="", highlight=False)
    stdout.print(name, markup=False, highlight=False, soft_wrap=True)
    if message:
        stdout.print(f"  {message}", markup=False, highlight=False, soft_wrap=True)


def _as_dict(each: "Examined") -> dict[str, Any]:
    import msgspec

    signer, _, key_id = each.signer.rpartition(" ")
    return {
        "name": each.name,
        "state": each.state,
        "message": each.message,
        "sha256": each.sha256,
        "signer": signer,
        "key_id": key_id,
        "model": msgspec.to_builtins(each.model) if each.model else None,
    }


def _record_examined(each: "Examined") -> None:
    if each.reason is None and each.state == "verified":
        trail.record(Event.MODEL_VERIFIED, sha256=each.sha256)
    elif each.reason is not None:
        trail.record(Event.MODEL_REFUSED, sha256=each.sha256, reason=each.reason)


def _record(result: "Verification") -> None:
    """What became of one built-in model, for the audit log."""
    sha256 = result.entry.sha256
    if result.state == "verified":
        trail.record(Event.MODEL_VERIFIED, sha256=sha256)
    elif not result.ok:
        trail.record(Event.MODEL_REFUSED, sha256=sha256, reason="missing" if result.state == "missing" else "hash")


def _say(words: str) -> None:
    stderr.print(words, markup=False, highlight=False, soft_wrap=True)
