"""What posture needs of this machine, and what to do where that is missing (for `environment.py`)."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

SYSTEMS = ("win-amd64", "macosx-arm64", "linux-x86_64", "linux-aarch64")
OLDEST_MACOS = 14

# The environment takes 1.0 GB; pip keeps the downloads (0.3 GB) beside it, and the largest one unpacked for a moment.
NEEDED_BYTES = 1_600_000_000

NO_NETWORK = (
    "The dependencies could not be downloaded: the package index cannot be reached.\n"
    "Next: connect to the network once, or check the proxy (HTTPS_PROXY), and start again.\n"
    "Without any network: run `python3 -m pip download -r requirements.lock -d wheels` on a machine of the same kind,\n"
    "copy the folder here, and start with PIP_NO_INDEX=1 and PIP_FIND_LINKS=wheels in the environment."
)
BAD_CERTIFICATE = (
    "The package index could not prove who it is.\n"
    "Next: if a company proxy reads the traffic, set PIP_CERT to its certificate file; check the clock of this machine."
)
DISK_FULL = "The disk is full.\nNext: make 1.6 GB of room on it and start again."
WRONG_HASH = (
    "A downloaded file is not the one that requirements.lock names, so it was not installed.\n"
    "Next: start again; if it stays so, ask whoever runs the package index that pip is set up for."
)
NO_WHEEL = (
    "A dependency has no ready-made file for this machine or this Python.\n"
    "Next: use CPython 3.11 to 3.14 (64 bit, not free-threaded) on Windows x64, macOS 14+ (Apple silicon) or Linux\n"
    "with glibc 2.34 or newer (2.39 on aarch64): Debian 12, Ubuntu 22.04 (24.04 on aarch64)."
)
DENIED = "A file could not be written.\nNext: check who owns the folder, close what uses .venv, and start again."
UNKNOWN = "Next: start again; if it stays so, delete the folder .venv first."

# First match wins: a full disk also ends in a network-like complaint at times, a refused certificate always does.
CAUSES = (
    (("No space left on device", "not enough space on the disk", "Disk quota exceeded"), DISK_FULL),
    (("DO NOT MATCH THE HASHES",), WRONG_HASH),
    (("CERTIFICATE_VERIFY_FAILED", "SSLError", "SSLCertVerificationError"), BAD_CERTIFICATE),
    (("establish a new connection", "name resolution", "Max retries exceeded", "ProxyError", "timed out"), NO_NETWORK),
    (("Could not find a version", "No matching distribution"), NO_WHEEL),
    (("Permission denied", "Access is denied", "Read-only file system", "Operation not permitted"), DENIED),
)


class SetupError(Exception):
    """The set-up cannot go on; the text says what happened and what to do next."""


def explain(output: str) -> str:
    """Cause and next step for the output of a failed step; where the cause is not known, its last lines."""
    for marks, advice in CAUSES:
        if any(mark in output for mark in marks):
            return advice
    last = output.strip().splitlines()[-5:]
    return "\n".join([*last, UNKNOWN])


def require_platform() -> None:
    """Raise `SetupError` on systems for which the dependencies are not built."""
    found = sysconfig.get_platform()
    # "universal2" is a Python for both kinds of Mac.
    processor = platform.machine() if found.endswith("universal2") else found.rpartition("-")[2]
    system = f"{found.partition('-')[0]}-{processor}"
    too_old = found.startswith("macosx") and int(platform.mac_ver()[0].partition(".")[0]) < OLDEST_MACOS
    if system not in SYSTEMS or too_old:
        raise SetupError(f"posture does not run on this system ({found}).\n{NO_WHEEL}")


def require_space(folder: Path) -> None:
    """Raise `SetupError` where the disk of `folder` cannot hold the environment."""
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise SetupError(f"{DISK_FULL} ({free / 1e6:.0f} MB are free in {folder}.)")


def require_packages() -> None:
    """Install what Debian and Ubuntu leave out of Python; raises `SetupError` with the command to run otherwise."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    package = "python{}.{}-venv".format(*sys.version_info)
    install = ["apt-get", "install", "-y", "--no-install-recommends", package]
    if not shutil.which("apt-get"):
        raise SetupError(f"This Python comes without ensurepip ({sys.executable}).\nNext: install the whole of it.")
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise SetupError(f"The system package {package} is missing.\nNext: sudo {' '.join(install)}")
    print(f"Installing the system package {package} ...", file=sys.stderr, flush=True)
    for command in (["apt-get", "update"], install):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    if done.returncode:
        raise SetupError(f"{package} could not be installed:\n{done.stdout.strip()}\nNext: {' '.join(install)}")
    importlib.invalidate_caches()
