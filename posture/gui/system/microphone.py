"""Whether a program listens to the microphone, which stands for a call: True where it is seen, None where it cannot be.

Linux: the kernel says which sound cards record (Documentation/sound/designs/procfile.rst). A microphone that is no
card, as over Bluetooth, is not seen there; so it is never said that there is no call.
Windows: the record of consent that the settings page "Microphone" shows; **not run on a Windows machine yet**.
macOS: there is no documented way for another program to know.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

CARDS = Path("/proc/asound")
CONSENT = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone"


def listening() -> bool | None:
    """Now, for this platform."""
    if sys.platform == "win32":
        return in_use(list(_uses(CONSENT)) + list(_uses(CONSENT + r"\NonPackaged")))
    if sys.platform == "darwin":
        return None
    return recording(CARDS)


def recording(cards: Path) -> bool | None:
    """True while a sound card below `cards` records, else None."""
    for status in cards.glob("card*/pcm*c/sub*/status"):
        try:
            text = status.read_text("ascii", "replace")
        except OSError:
            continue  # the card was unplugged meanwhile
        if text.startswith("state: RUNNING"):
            return True
    return None


def in_use(uses: list[tuple[int, int]]) -> bool | None:
    """`uses`: when each program last began and ended to listen; one that has not ended has 0 there."""
    if not uses:
        return None
    return any(start > 0 and stop == 0 for start, stop in uses)


def _uses(path: str) -> Iterator[tuple[int, int]]:
    import winreg  # Windows alone has it

    open_key, value = winreg.OpenKey, winreg.QueryValueEx  # type: ignore[attr-defined,unused-ignore]
    try:
        with open_key(winreg.HKEY_CURRENT_USER, path) as programs:  # type: ignore[attr-defined,unused-ignore]
            count = winreg.QueryInfoKey(programs)[0]  # type: ignore[attr-defined,unused-ignore]
            names = [winreg.EnumKey(programs, place) for place in range(count)]  # type: ignore[attr-defined,unused-ignore]
            for name in names:
                with open_key(programs, name) as program:
                    yield int(value(program, "LastUsedTimeStart")[0]), int(value(program, "LastUsedTimeStop")[0])
    except FileNotFoundError:
        return  # never asked for, or a group such as NonPackaged that has no times itself
