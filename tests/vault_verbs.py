"""`posture` as a user runs it: by a pipe, or at a terminal where answers are typed."""

import os
import select
import signal
import subprocess
import sys

# The program with a passphrase that is cheap to check; a real guess takes 0.7 s.
PROGRAM = """
import posture.vault.keyfile as keyfile, posture.vault.store as store
cheap = keyfile.Cost(memory_kib=8, iterations=1, lanes=1)
keyfile.DEFAULT_COST = cheap
store.Vault.__init__.__kwdefaults__["cost"] = cheap
from posture.cli import main; main()
"""
POSTURE = [sys.executable, "-P", "-c", PROGRAM]


def posture(*arguments, words="", **environment):
    done = subprocess.run(
        [*POSTURE, *map(str, arguments)],
        input=words and f"{words}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done


def typed(*arguments, answers):
    """Run it at a terminal; what it showed, and its exit code."""
    import pty  # not on Windows

    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(POSTURE[0], [*POSTURE, *map(str, arguments)])
    shown, left = b"", list(answers)
    while select.select([terminal], [], [], 30)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # the program is gone
            break
        if left and shown.endswith(b": "):  # the space comes once it listens
            os.write(terminal, f"{left.pop(0)}\n".encode())
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(terminal)
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
