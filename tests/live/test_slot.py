import threading

from hypothesis import given
from hypothesis import strategies as st

from posture.capture import Captured
from posture.ergonomics.sitting import State
from posture.live.slot import Slot
from posture.live.snapshot import Phase, Snapshot
from posture.reminders import Level, Reminder

FIRED = Reminder(State.SLUMP, Level.SOUND, fired=True)
GOES_ON = Reminder(State.SLUMP, Level.SOUND)


def snapshot(**fields):
    return Snapshot(Phase.RUNNING, captured=Captured(None, 0.0, 0.0), **fields)


def slot_with_counter():
    slot, wakes = Slot(Snapshot(Phase.STOPPED)), []
    slot.on_wake = lambda: wakes.append(slot.newest)
    return slot, wakes


@given(st.lists(st.sampled_from(["put", "take", "wake"]), max_size=30))
def test_the_consumer_is_woken_once_per_consumption(actions):
    slot, wakes = slot_with_counter()
    unseen_news = woken = False
    for action in actions:
        before = len(wakes)
        if action == "put":
            slot.put(snapshot())
            unseen_news = True
        elif action == "take":
            slot.take()
            unseen_news = woken = False
        else:
            slot.wake()
            assert len(wakes) - before == (unseen_news and not woken)
            woken = woken or unseen_news
            continue
        assert len(wakes) == before


def test_the_newest_wins_and_what_nobody_saw_is_counted():
    slot, _ = slot_with_counter()
    shots = [snapshot() for _ in range(3)]
    for shot in shots:
        slot.put(shot)
    assert slot.take() is shots[2]
    assert slot.unseen == 2
    slot.put(snapshot())
    assert slot.unseen == 2


def test_a_cue_that_nobody_took_yet_still_begins():
    slot, _ = slot_with_counter()
    slot.put(snapshot(reminder=FIRED))
    slot.put(snapshot(reminder=GOES_ON))
    assert slot.take().reminder.fired
    slot.put(snapshot(reminder=GOES_ON))
    assert not slot.take().reminder.fired


def test_a_cue_that_ended_before_anybody_took_it_never_begins():
    slot, _ = slot_with_counter()
    slot.put(snapshot(reminder=FIRED))
    slot.put(snapshot())
    assert slot.take().reminder == Reminder()


def test_a_revision_does_not_begin_a_cue_again():
    slot, _ = slot_with_counter()
    slot.put(snapshot(reminder=FIRED))
    slot.revise(message="one")
    assert slot.take().reminder.fired
    slot.revise(message="two")
    assert slot.take().reminder == GOES_ON
    assert slot.newest.message == "two"


def test_wakes_never_overlap():
    slot = Slot(Snapshot(Phase.STOPPED))
    inside, most = [], []

    def wake():
        inside.append(1)
        most.append(len(inside))
        slot.take()
        inside.pop()

    slot.on_wake = wake

    def work():
        for _ in range(200):
            slot.put(snapshot())
            slot.wake()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}


def test_a_cue_begins_once_however_often_the_newest_is_taken():
    slot, _ = slot_with_counter()
    slot.put(snapshot(reminder=FIRED))
    assert slot.newest.reminder.fired
    assert [slot.take().reminder.fired for _ in range(3)] == [True, False, False]
    assert slot.newest.reminder.cue is State.SLUMP
