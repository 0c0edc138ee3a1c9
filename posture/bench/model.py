"""One model by itself: how long a run takes on each provider, and whether its results agree with those of the CPU.

`python -m posture.bench.model NAME` prints a `ModelSpeed` as one JSON line. The input is the same noise every time:
what a model of this program costs does not depend on what it sees.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from posture.bench.measured import Stopwatch
from posture.bench.runs import printed
from posture.errors import ModelError, ModelMissing
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.choice import Chosen
from posture.pose.runtimes import NO_SIZES, Runs, loaded
from posture.pose.session import available_providers
from posture.pose.settings import DETECTION_MODELS, LANDMARK_MODELS, PoseSettings
from posture.privacy.limits import peak_memory

MOST_RUNS, LEAST_RUNS, MOST_S = 100, 5, 3.0
"""A provider is measured for so many runs, or for so long."""


class OnProvider(msgspec.Struct, frozen=True):
    """One provider. `why` says why it does not run there; the times are then 0."""

    provider: str
    why: str = ""
    load_ms: float = 0.0
    first_ms: float = 0.0
    run_ms: float = 0.0
    """Wall time of a run, median."""
    run_ms_p90: float = 0.0
    runs: int = 0
    difference: float = 0.0
    """Largest difference of any number from what the CPU gives, over the largest number of that output."""


class ModelSpeed(msgspec.Struct, frozen=True):
    """What was measured of one model."""

    name: str
    sha256: str
    """Of the bytes that ran first."""
    input: str
    providers: list[OnProvider]
    peak_memory_mib: float
    """Of the process: the runtime and the model on all providers."""


def measure(name: str, on_start: Callable[[Callable[[], None]], None] = lambda end: None) -> ModelSpeed:
    """Measure in a process of its own; `on_start` gets what ends it at once. Raises SourceError where it fails."""
    return msgspec.json.decode(
        printed("posture.bench.model", name, about=Path(name), on_start=on_start), type=ModelSpeed
    )


def found(name: str) -> Chosen:
    """A model of the program, by its short or its full name, or one that was added. Raises ModelError, ConfigError."""
    catalogue, added = Catalogue.load(), AddedModels()
    own = {**LANDMARK_MODELS, **DETECTION_MODELS}.get(name, name)
    if any(entry.name == own for entry in catalogue.entries):
        return Chosen(catalogue, own)
    if name in added.names():
        model, _ = added.signed(name)
        return Chosen(catalogue, name, added, model.use, model.tflite)
    known = (*LANDMARK_MODELS, *DETECTION_MODELS, *(entry.name for entry in catalogue.entries), *added.names())
    raise ModelMissing(f"there is no model {name!r}; there are {', '.join(known)}")


def measured(name: str) -> ModelSpeed:
    """Measure in this process. Raises ModelError, ConfigError."""
    chosen = found(name)
    providers = ("cpu",) if chosen.tflite else ("cpu", *(one for one in available_providers() if one != "cpu"))
    chosen.read("cpu")  # a model that is missing or altered is said, and not taken for a provider that fails
    results: list[OnProvider] = []
    about = ("", "")
    truth: dict[str, NDArray[np.float64]] = {}
    for provider in providers:
        began_s = time.perf_counter()
        try:
            session = _opened(chosen, provider)
        except ModelError as exc:
            results.append(OnProvider(provider, str(exc)))
            continue
        if session.fallback_reason:
            results.append(OnProvider(provider, session.fallback_reason))
            continue
        load_ms = (time.perf_counter() - began_s) * 1e3
        about = about if about[0] else (session.sha256, _input(session))
        tensor = noise(session.input_shape, session.input_dtype)
        result, outputs = _timed(session, tensor, load_ms)
        truth = truth or outputs
        results.append(msgspec.structs.replace(result, difference=_difference(outputs, truth)))
    return ModelSpeed(name, *about, results, peak_memory() / 2**20)


def noise(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    """The same every time: bytes, or numbers from 0 to 1."""
    random = np.random.default_rng(0)
    if np.issubdtype(dtype, np.floating):
        return random.random(shape).astype(dtype)
    return random.integers(0, 128, shape).astype(dtype)


def _opened(chosen: Chosen, provider: str) -> Runs:
    sizes = chosen.use.input.sizes if chosen.use is not None else NO_SIZES
    settings = PoseSettings(providers=(provider,))  # type: ignore[arg-type]  # it comes from the runtime's own list
    return loaded(chosen.read, settings, sizes, tflite=chosen.tflite)


def _timed(
    session: Runs, tensor: NDArray[np.generic], load_ms: float
) -> tuple[OnProvider, dict[str, NDArray[np.float64]]]:
    times_ms: list[float] = []
    outputs: dict[str, NDArray[np.float64]] = {}
    end_s = time.perf_counter() + MOST_S
    while len(times_ms) <= LEAST_RUNS or (len(times_ms) <= MOST_RUNS and time.perf_counter() < end_s):
        began_s = time.perf_counter()
        raw = session.run(tensor)
        times_ms.append((time.perf_counter() - began_s) * 1e3)
        outputs = outputs or {name: values.astype(np.float64) for name, values in raw.items()}
    later = times_ms[1:]
    result = OnProvider(
        provider=session.provider,
        load_ms=load_ms,
        first_ms=times_ms[0],
        run_ms=float(np.median(later)),
        run_ms_p90=float(np.percentile(later, 90)),
        runs=len(later),
    )
    return result, outputs


def _difference(outputs: dict[str, NDArray[np.float64]], truth: dict[str, NDArray[np.float64]]) -> float:
    return max(
        (
            float(np.abs(values - truth[name]).max() / max(np.abs(truth[name]).max(), 1e-9))
            for name, values in outputs.items()
            if values.size and values.shape == truth[name].shape
        ),
        default=0.0,
    )


def _input(session: Runs) -> str:
    return f"{'×'.join(str(size) for size in session.input_shape)} {session.input_dtype}"


def main() -> None:
    """Print what was measured."""
    Stopwatch()  # ends this process with its parent
    print(json.dumps(msgspec.to_builtins(measured(sys.argv[1]))))


if __name__ == "__main__":
    main()
