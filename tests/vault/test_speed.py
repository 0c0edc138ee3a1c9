"""The self-test of AES, what the doctor says of it, and a processor whose instructions are hidden."""

import os
import platform
import subprocess
import sys

import pytest

from posture import doctor
from posture.errors import VaultError
from posture.vault import speed
from posture.vault.speed import Speed, measured


def test_it_measures_something():
    assert measured().mb_per_s > 1


@pytest.mark.parametrize(("mb_per_s", "hardware"), [(277.0, False), (1000.0, False), (1001.0, True), (6450.0, True)])
def test_hardware_is_judged_by_the_speed(mb_per_s, hardware):
    assert Speed(mb_per_s).hardware == hardware


def test_a_wrong_result_is_an_error(monkeypatch):
    monkeypatch.setattr(speed, "_SEALED", bytes(76))
    with pytest.raises(VaultError, match="wrong result"):
        measured()
    finding = doctor.encryption()
    assert (finding.state, "wrong result" in finding.found) == ("bad", True)


@pytest.mark.parametrize(
    ("mb_per_s", "state", "found"),
    [
        (6450.4, "ok", "AES-256-GCM in hardware, 6,450 MB/s"),
        (277, "note", "AES-256-GCM WITHOUT hardware AES, 277 MB/s"),
    ],
)
def test_the_doctor_says_it_plainly(monkeypatch, mb_per_s, state, found):
    monkeypatch.setattr(speed, "measured", lambda: Speed(mb_per_s))
    finding = doctor.encryption()
    assert (finding.state, finding.found, bool(finding.advice)) == (state, found, state == "note")


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the variable is that of OpenSSL on x86")
def test_a_processor_without_the_instructions_is_seen():
    hidden = {"OPENSSL_ia32cap": "~0x200000200000000:~0x60000000000"}  # AES, PCLMULQDQ; VAES, VPCLMULQDQ
    code = "from posture.vault.speed import measured; print(measured().hardware)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=os.environ | hidden, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"
