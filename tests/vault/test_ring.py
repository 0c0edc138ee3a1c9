import hashlib
import hmac
from datetime import date, timedelta

import pytest

from posture.vault.ring import AHEAD_DAYS, STRANGE_JUMP, DayKey, Other, OtherKey, Ring, seed

TODAY = date(2026, 11, 28)


def key(days=0, *, number=0, until=None, retired=False):
    day = TODAY + timedelta(days=days)
    public = f"{day} {number}".encode().ljust(1216, b".")
    return DayKey(day, public, b"h" * 32, until=until, retired=retired)


def ring(*keys, **fields):
    return Ring(1, TODAY, tuple(keys), **fields)


def test_the_seed_is_hkdf_sha512_over_both_halves_and_the_day():
    extracted = hmac.digest(bytes(64), b"s" * 32 + b"o" * 32, "sha512")
    info = b"posture/vault/v1 2026-11-28 day"
    expected = hmac.digest(extracted, info + b"\1", "sha512")[:32]
    assert hashlib.new("sha512").digest_size == 64
    assert seed(b"s" * 32, b"o" * 32, TODAY, None) == expected


def test_other_halves_days_and_holds_are_other_seeds():
    args = [
        (b"s" * 32, b"o" * 32, TODAY, None),
        (b"t" * 32, b"o" * 32, TODAY, None),
        (b"s" * 32, b"p" * 32, TODAY, None),
    ]
    args += [(b"s" * 32, b"o" * 32, TODAY + timedelta(1), None), (b"s" * 32, b"o" * 32, TODAY, TODAY)]
    assert len({seed(*each) for each in args}) == len(args)


def test_the_newest_key_of_a_day_counts_and_neither_holds_nor_retired_ones():
    old, new = key(), key(number=1)
    held, retired = key(number=2, until=TODAY + timedelta(30)), key(number=3, retired=True)
    assert ring(old, new, held, retired).current(TODAY) == new
    assert ring(held, retired).current(TODAY) is None
    assert ring(held, retired).recipients(TODAY) == ()


def test_days_are_counted_up_to_the_first_gap():
    assert ring().days_left(TODAY) == 0
    assert ring(key(0), key(1), key(3)).days_left(TODAY) == 2
    assert ring(key(1)).days_left(TODAY) == 0
    gaps = [(TODAY + timedelta(1), "clips"), (TODAY + timedelta(3), "clips")]
    assert list(ring(key(0), key(2)).missing(TODAY))[:2] == gaps
    assert len(list(ring().missing(TODAY))) == 2 * AHEAD_DAYS == 70


def test_others_are_recipients_on_their_days_alone_and_nobody_twice():
    day = key()
    other = Other("clinic", (OtherKey(TODAY, b"c" * 1216), OtherKey(TODAY, day.public)))
    got = ring(day, key(1), others=(other,))
    assert [recipient.public[:1] for recipient in got.recipients(TODAY)] == [day.public[:1], b"c"]
    assert len(got.recipients(TODAY + timedelta(1))) == 1
    assert ring(others=(other,)).recipients(TODAY) == (), "nobody else alone"


@pytest.mark.parametrize(("passed", "gone"), [(0, False), (3, False), (4, True), (90, True)])
def test_a_day_is_kept_for_three_times_24_hours_at_least(passed, gone):
    left, erased = ring(key()).expired(TODAY + timedelta(passed), keep_days=3)
    assert bool(erased.keys) is gone
    assert bool(left.keys) is not gone
    assert (key().key_id in left.erased) is gone


def test_a_hold_has_its_own_last_day():
    held = key(until=TODAY + timedelta(30))
    assert ring(held).expired(TODAY + timedelta(30), keep_days=3)[0].keys == (held,)
    assert ring(held).expired(TODAY + timedelta(31), keep_days=3)[0].keys == ()
    short = key(until=TODAY)
    assert ring(short).expired(TODAY + timedelta(1), keep_days=3)[0].keys == (), "shorter than its day, too"


def test_a_clock_far_ahead_erases_nothing_before_it_says_so_twice():
    far = TODAY + STRANGE_JUMP + timedelta(1)
    doubting, erased = ring(key()).expired(far, keep_days=3)
    assert erased.doubted
    assert not erased.keys
    assert doubting.keys == (key(),)
    again, erased = doubting.expired(far, keep_days=3)
    assert erased.doubted, "the same day is no second witness"
    done, erased = again.expired(far + timedelta(1), keep_days=3)
    assert erased.keys == (key(),)
    assert done.doubted is None
    assert done.seen == far + timedelta(1)


def test_a_clock_that_was_set_right_in_between_erases_nothing():
    far = TODAY + timedelta(days=4000)
    doubting, _ = ring(key()).expired(far, keep_days=3)
    kept, erased = doubting.expired(TODAY + timedelta(1), keep_days=3)
    assert kept.keys == (key(),)
    assert not erased.doubted
    assert kept.doubted is None
    assert kept.expired(far + timedelta(1), keep_days=3)[1].doubted


def test_another_wrong_clock_is_no_witness_for_the_first_and_a_right_one_is_believed_in_the_end():
    far = TODAY + timedelta(days=4000)
    doubting, _ = ring(key()).expired(far, keep_days=3)
    doubting, erased = doubting.expired(far + timedelta(200), keep_days=3)
    assert erased.doubted
    doubting, erased = doubting.expired(far - timedelta(100), keep_days=3)
    assert erased.doubted
    assert doubting.expired(far - timedelta(99), keep_days=3)[1].keys == (key(),)


def test_who_else_could_read_is_named_and_their_old_keys_go():
    other = Other("clinic", (OtherKey(TODAY, b"c" * 1216), OtherKey(TODAY + timedelta(9), b"d" * 1216)))
    left, erased = ring(key(), others=(other,)).expired(TODAY + timedelta(4), keep_days=3)
    assert erased.others == ("clinic",)
    assert [key.day for key in left.others[0].keys] == [TODAY + timedelta(9)]


def test_no_half_of_a_secret_is_printed():
    assert "hhh" not in repr(ring(key()))
