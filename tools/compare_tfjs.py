"""Compare the models that were converted from TensorFlow.js with TensorFlow.js itself, number by number.

    python tools/compare_tfjs.py        needs node and npm; downloads @tensorflow/tfjs and the models' package

Each model is shown a portrait and noise. Prints the largest difference of any number that comes out, and the largest
number; exits with 1 where they are further apart than `TOLERANCE` of that.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from build_models import extract, fetch, made
from model_plans import HUMAN, PLANS, Plan
from numpy.typing import NDArray
from tfjs_to_onnx import outputs_of

from posture.pose.session import Session
from posture.sources import demo

Rows = tuple[tuple[str, ...], ...]
TFJS = "@tensorflow/tfjs@4.22.0"
TOLERANCE = 1e-4
"""Of the largest number that comes out: both compute in float32, in another order."""
SCRIPT = """
const tf = require("@tensorflow/tfjs"), fs = require("fs");
const [topology, weights, input, shape, dtype, output, ...names] = process.argv.slice(2);
const model = JSON.parse(fs.readFileSync(topology)), bytes = (path) => new Uint8Array(fs.readFileSync(path)).buffer;
(async () => {
  await tf.setBackend("cpu");
  const graph = await tf.loadGraphModel(tf.io.fromMemory({
    modelTopology: model.modelTopology, signature: model.signature,
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights), weightData: bytes(weights),
  }));
  const values = dtype === "int32" ? new Int32Array(bytes(input)) : new Float32Array(bytes(input));
  const found = graph.execute(tf.tensor(values, JSON.parse(shape), dtype), names);
  const all = (Array.isArray(found) ? found : [found]).map((one) => Buffer.from(one.dataSync().buffer));
  fs.writeFileSync(output, Buffer.concat(all));
})();
"""


def pictures(shape: tuple[int, ...]) -> list[NDArray[np.uint8]]:
    """Bytes of that shape, NHWC or NCHW: a portrait, and noise."""
    side = max(shape)
    picture = np.asarray(cv2.imread(str(demo.PORTRAIT)))
    portrait = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)[None]
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    turned: Any = portrait if shape[3] == 3 else portrait.transpose(0, 3, 1, 2)
    return [np.ascontiguousarray(turned, np.uint8), noise]


def differences(plan: Plan, package: Path, folder: Path) -> list[tuple[float, float]]:
    """(largest difference, largest number) for each picture."""
    topology, weights = extract(package, plan.member), extract(package, plan.weights)
    (folder / "model.json").write_bytes(topology)
    (folder / "model.bin").write_bytes(weights)
    session = Session(made(plan, package), ["cpu"])
    sizes = outputs_of(topology)
    rows: Rows = plan.rows or (tuple(sizes),)
    found = []
    for picture in pictures(session.input_shape):
        whole = session.input_dtype == np.uint8
        shown = picture if whole else (picture.astype(np.float32) - 116) / 58
        (ours,) = session.run(shown).values()
        shown.astype(np.int32 if whole else np.float32).tofile(folder / "input.bin")
        kind = "int32" if whole else "float32"
        run = ["node", "look.js", "model.json", "model.bin", "input.bin", json.dumps(shown.shape), kind, "output.bin"]
        done = subprocess.run(
            [*run, *(name for row in rows for name in row)], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(done.stderr)
        theirs = _joined(np.fromfile(folder / "output.bin", np.float32), sizes, rows)
        found.append((float(np.abs(ours - theirs).max()), float(np.abs(theirs).max())))
    return found


def _joined(flat: NDArray[np.float32], sizes: dict[str, list[int]], rows: Rows) -> NDArray[np.float32]:
    """What TensorFlow.js wrote, output behind output, as the converter joins it."""
    parts, at = {}, 0
    for name in (name for row in rows for name in row):
        count = int(np.prod(sizes[name]))
        parts[name] = flat[at : at + count].reshape(sizes[name])
        at += count
    return np.concatenate([np.concatenate([parts[name] for name in row], -1) for row in rows], 1)


def main() -> int:
    """One line a model; the exit code."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        (folder / "look.js").write_text(SCRIPT, "utf-8")
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", TFJS]
        subprocess.run(install, cwd=folder, check=True)
        package = fetch(HUMAN, folder)
        for plan in (plan for plan in PLANS if plan.weights):
            for what, (apart, largest) in zip(("portrait", "noise"), differences(plan, package, folder), strict=True):
                print(f"{plan.name:<18} {what:<9} at most {apart:.1e} apart, numbers up to {largest:.3g}", flush=True)
                worst = max(worst, apart / largest)
    return int(worst > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
