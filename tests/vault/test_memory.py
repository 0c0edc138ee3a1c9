import os
import subprocess
import sys

import pytest

from posture.vault.memory import allow_dumps, forbid_dumps

resource = pytest.importorskip("resource")

CRASHING = """
import ctypes, os, resource
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
{forbid}
ctypes.string_at(0)
"""


def dumped(folder, forbid):
    """Whether the system wrote memory to the disk, or to a program, when a process crashed."""
    command = [sys.executable, "-c", CRASHING.format(forbid=forbid)]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -os.WTERMSIG(status)
    assert os.WIFSIGNALED(status)
    return os.WCOREDUMP(status) or any(folder.iterdir())


def test_a_crash_while_keys_are_in_memory_leaves_no_dump(tmp_path):
    if not dumped(tmp_path, ""):
        pytest.skip("this system writes no dumps anyway")
    for path in tmp_path.iterdir():
        path.unlink()
    assert not dumped(tmp_path, "from posture.vault.memory import forbid_dumps; forbid_dumps()")


def test_it_is_as_before_once_nobody_has_keys():
    before = resource.getrlimit(resource.RLIMIT_CORE)
    forbid_dumps()
    forbid_dumps()
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    assert soft == min(1, before[1]) if before[1] != resource.RLIM_INFINITY else soft == 1
    assert hard == before[1]
    allow_dumps()
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == soft
    allow_dumps()
    assert resource.getrlimit(resource.RLIMIT_CORE) == before
