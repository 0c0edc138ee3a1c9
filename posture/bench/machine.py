"""What machine a measurement was made on. No host name."""

import importlib.metadata
import os
import platform
from pathlib import Path


def describe() -> str:
    """Processor, cores, system and the versions that matter, in one line."""
    libraries = ("numpy", "av", "opencv-python-headless")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in libraries)
    runtime = next(d for d in importlib.metadata.distributions() if (d.name or "").lower().startswith("onnxruntime"))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {runtime.name} {runtime.version}, {versions}"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
