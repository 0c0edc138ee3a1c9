"""The themes of tools/torture.py, small; and what must make each of them fail."""

import io
from random import Random

import pytest
import torture
import torture_flips
import torture_mutations
import torture_power
from torture_clips import fragment, made, secret, three
from torture_figure import Asked, shares, spread

from posture.errors import Damaged
from posture.vault import clip as product
from posture.vault.chunks import ChunkReader
from posture.vault.recipient import X25519


@pytest.mark.parametrize("theme", ["flips", "truncations", "power", "mutations", "keys", "vault"])
def test_nothing_comes_out_wrong(theme, tmp_path):
    figures = list(torture.THEMES[theme](Asked(tmp_path, small=True, seed=3, workers=1)))
    assert figures
    assert [figure for figure in figures if figure.wrong] == []
    assert list(tmp_path.glob("*.plain")) == []


def test_speed_is_measured_in_turns(tmp_path):
    figures = list(torture.THEMES["speed"](Asked(tmp_path, small=True, workers=1)))
    assert any("x" in figure.found for figure in figures)
    assert list(tmp_path.iterdir()) == []


def without_checks(monkeypatch):
    """A reader that takes a chunk for whatever it decrypts to."""
    real = ChunkReader._opened

    def opened(self, number):
        try:
            return real(self, number)
        except Damaged:
            return bytes(16384)

    monkeypatch.setattr(ChunkReader, "_opened", opened)


def test_the_flips_find_a_reader_that_does_not_check(monkeypatch, tmp_path):
    without_checks(monkeypatch)
    assert sum(figure.wrong for figure in torture_flips.flips(Asked(tmp_path, small=True, workers=1)))


def test_the_flips_find_a_reader_that_recovers_too_much(monkeypatch):
    clip = three(1)[1]
    altered = bytearray(clip.content)
    altered[-2000] ^= 1
    assert torture_flips.as_it_must(clip, bytes(altered), len(altered) - 2000)
    monkeypatch.setattr(product.boxes, "whole_end", lambda reader: reader.size)
    assert not torture_flips.as_it_must(clip, bytes(altered), len(altered) - 2000)


def test_the_power_cuts_find_a_writer_that_does_not_wait_for_the_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(torture_power.Disk, "sync", lambda disk, file: None)
    (figure,) = torture_power.power_cuts(Asked(tmp_path, small=True, workers=1))
    assert figure.wrong > 5


def test_the_power_cuts_find_a_reader_that_gives_garbage(monkeypatch, tmp_path):
    without_checks(monkeypatch)
    (figure,) = torture_power.power_cuts(Asked(tmp_path, small=True, workers=1))
    assert figure.wrong > 5


def test_the_mutations_find_a_crash_of_the_parser(monkeypatch):
    def crash(*_, **__):
        raise IndexError

    clip = made("", [X25519], [], 1)
    assert torture_mutations._clip_outcome(clip, clip.content, recover=False) == "unchanged after all"
    monkeypatch.setattr(torture_mutations, "open_clip", crash)
    assert torture_mutations._clip_outcome(clip, clip.content, recover=False) == "WRONG IndexError"


def test_what_is_recovered_ends_with_a_fragment_by_the_oracle():
    clip = made("", [X25519], [30000, 500], 2)
    limits = {clip.payload - 1: 0, clip.payload: 0, clip.payload + 16400: 16384, len(clip.content): len(clip.plain)}
    assert {place: len(clip.recovered(place)) for place in limits} == limits


def test_the_work_is_shared_out_without_a_gap():
    assert [number for part in shares(1000, 7) for number in part] == list(range(1000))
    assert list(shares(2, 7)) == [range(1), range(1, 2)]
    assert list(spread(abs, [-1, 2, -3], 2)) == [1, 2, 3]


def test_a_run_counts_what_was_wrong(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(torture.THEMES, "bad", lambda asked: iter([torture_flips.Figure("this", "fails", 2)]))
    monkeypatch.setattr("sys.argv", ["torture.py", "bad", "--folder", str(tmp_path)])
    assert torture.main() == 1
    assert capsys.readouterr().out.startswith("WRONG this: fails\n")
    monkeypatch.setattr("sys.argv", ["torture.py", "worse"])
    with pytest.raises(SystemExit, match="2"):
        torture.main()


def test_a_disk_in_memory_keeps_what_was_written_last():
    disk = torture_power.Disk()
    key = secret(X25519, Random(1))
    writer = product.ClipWriter(disk, [key.recipient], sync=disk.sync)
    writer.fragment(fragment(Random(2), 100))
    writer.abandon()
    assert disk.log[-1] is None
    image = torture_power._image(disk.log)
    reader = product.open_clip(io.BytesIO(image), lambda _: key, recover=True)
    assert reader.size == 16384
