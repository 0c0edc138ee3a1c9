"""Results that go into the vault: they open whole or not at all, and nothing of them lies on the disk in plain."""

import json
import os

import batch_kill
import pytest
from vault_verbs import posture

from posture.analysis import Analysis
from posture.batch import single
from posture.batch.journal import Journal
from posture.batch.plan import JobPlan
from posture.batch.sealing import PIECE_BYTES, opened, sealed
from posture.batch.single import run_task
from posture.batch.work import Orders, new_task
from posture.config import OutputSettings, Settings
from posture.errors import ConfigError, Damaged, WrongKey
from posture.pipeline import AnalysisSettings
from posture.pose.settings import PoseSettings
from posture.resuming import Checkpoints
from posture.vault.hpke import new_secret
from posture.vault.recipient import X25519

SECRET = new_secret(X25519)
LITE = PoseSettings(model="lite", providers=("cpu",))


def secrets(key_id):
    return SECRET if key_id == SECRET.recipient.key_id else None


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_what_was_sealed_opens_again(size):
    content = os.urandom(size)
    assert opened(sealed(content, [SECRET.recipient]), secrets) == content


def test_no_other_key_opens_it():
    with pytest.raises(WrongKey):
        opened(sealed(b"x", [new_secret(X25519).recipient]), secrets)


def test_what_was_cut_altered_or_put_in_another_order_does_not_open():
    whole = sealed(os.urandom(3 * PIECE_BYTES), [SECRET.recipient])
    head = 4 + int.from_bytes(whole[:4], "big")
    piece = 4 + int.from_bytes(whole[head : head + 4], "big")
    faults = [
        whole[:-1],
        whole[: head + piece],
        whole[: head + 2 * piece],
        whole[:head] + whole[head + piece : head + 2 * piece] + whole[head : head + piece] + whole[head + 2 * piece :],
        whole + b"\0",
        whole[: head + 50] + bytes([whole[head + 50] ^ 1]) + whole[head + 51 :],
        whole[:head],
        b"",
    ]
    for fault in faults:
        with pytest.raises(Damaged):
            opened(fault, secrets)


@pytest.mark.parametrize("more", [{"what": "redact"}, {"settings": {"output": {"formats": ["xlsx"]}}}])
def test_what_would_lie_on_the_disk_in_plain_is_refused(more):
    with pytest.raises(ConfigError, match="vault takes"):
        JobPlan(inputs=("a",), output="o", vault=True, **more).orders()


class Killed(Exception):
    pass


def test_a_video_for_the_vault_goes_on_from_a_checkpoint_that_nobody_else_can_read(tmp_path, monkeypatch):
    batch_kill.make_clips(tmp_path / "in", 1)
    orders = Orders(settings=Settings(pose=LITE, output=OutputSettings(formats=("json",))))

    def run(target, **more):
        task = new_task(tmp_path / "in" / "clip-00000.mp4", target / "clip", orders, **more)
        return run_task(task, lambda _: None, tmp_path / "kept")

    going_on = []

    class Kept(Checkpoints):
        def __init__(self, folder, **more):
            super().__init__(folder, every_s=1e-9, **more)

        def keep(self, checkpoint):
            super().keep(checkpoint)
            going_on.append(self.resumed)
            if len(going_on) == 1:
                raise Killed

    monkeypatch.setattr(single, "Checkpoints", Kept)
    vault = {"seal_for": (SECRET.recipient,), "checkpoint_secret": new_secret(X25519)}
    with pytest.raises(Killed):
        run(tmp_path / "vault", **vault)
    kept = [path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert kept
    assert not any(b"Batch" in content or b"spec" in content for content in kept)
    assert run(tmp_path / "vault", **vault).state == "done"
    assert going_on[-1]
    assert run(tmp_path / "plain").state == "done"
    sealed_report = (tmp_path / "vault" / "clip.json.sealed").read_bytes()
    assert opened(sealed_report, secrets) == (tmp_path / "plain" / "clip.json").read_bytes()


def test_a_job_whose_results_go_into_the_vault(tmp_path, data_folder):
    words = {"words": "a long passphrase of many words"}
    assert posture("keys", "create", **words).returncode == 0
    batch_kill.make_clips(tmp_path / "in", 2)
    options = ("--model", "lite", "--provider", "cpu", "--rate", "5", "--format", "json,csv")
    done = posture("batch", "run", tmp_path / "in", "-o", tmp_path / "out", *options, "--into-vault", **words)
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert all(name.endswith(".sealed") for name in names), names
    assert "clip-00000.manifest.json.sealed" in names

    opening = posture("batch", "open", *(tmp_path / "out").iterdir(), "-o", tmp_path / "plain", **words)
    assert opening.returncode == 0, opening.stderr
    settings = Settings(
        pose=LITE,
        analysis=AnalysisSettings(rate=5.0),
        output=OutputSettings(formats=("json", "csv")),
    )
    Analysis(tmp_path / "in" / "clip-00000.mp4", settings).run(tmp_path / "single" / "clip-00000", lambda *_: None)
    for path in (tmp_path / "single").iterdir():
        assert (tmp_path / "plain" / path.name).read_bytes() == path.read_bytes()
    summary = json.loads((tmp_path / "plain" / "posture-batch.json").read_bytes())
    assert summary["states"]["done"] == 2
    assert all(one["report"]["grade"] for one in summary["files"])

    with Journal(next((data_folder / "batch").iterdir()), create=False) as journal:
        assert journal.noted("checkpoint secret")  # encrypted as the results are
    journals = [path.read_bytes() for path in (data_folder / "batch").rglob("*") if path.is_file()]
    assert not any(b"not_recommended_share" in content or b"too_little" in content for content in journals)
