"""What machine a measurement was made on. No host name."""

import importlib.metadata
import os
import platform
from pathlib import Path

from posture.doctor import runtimes


def describe() -> str:
    """Processor, cores, system and the versions that matter, in one line."""
    libraries = (*runtimes(), "numpy", "av", "opencv-python-headless")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in libraries)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
