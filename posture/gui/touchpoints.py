"""What the window shows, hears and leaves. Imports no Qt: every verb reads it."""

from posture.touchpoint import PLAIN, PROGRAM_ENDS, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="screen",
        stage=Stage.SYSTEM,
        title="Screen",
        data="picture or figure, judgement, reminders",
        code=("gui.window", "gui.picture_view", "gui.system.overlay", "gui.system.x11", "gui.system.mini"),
        where="display server, over a local socket",
        kept="while it shows",
        readers="who stands before it, and programs that capture the screen",
        settings=("window.view",),
    ),
    Touchpoint(
        name="desktop",
        stage=Stage.SYSTEM,
        title="Desktop",
        data="asks for lock, sleep, battery and calls; shows a tray icon",
        code=(
            "gui.system.session_linux", "gui.system.session_windows", "gui.system.session_macos", "gui.system.power",
            "gui.system.bus", "gui.system.tray", "gui.system.foreground", "gui.system.microphone",
        ),
        where="D-Bus; /proc/asound",
        kept="while it runs",
        readers="services of the desktop",
    ),
    Touchpoint(
        name="sound",
        stage=Stage.SYSTEM,
        title="Sound",
        data="a beep as a reminder, if you chose that",
        code=("gui.system.sound",),
        where="sound of the desktop",
        kept="while it sounds",
        readers="who is in the room",
        settings=("reminders.level",),
    ),
    Touchpoint(
        name="assistive",
        stage=Stage.SYSTEM,
        title="Screen readers",
        data="names and states of all that the window shows",
        code=("gui.announce",),
        where="AT-SPI and its like, over a local socket",
        kept="while it shows",
        readers="assistive programs of this account",
    ),
    Touchpoint(
        name="marks",
        stage=Stage.STORE,
        title="Marks of the window",
        data="that it runs and was welcomed; if you chose so, start at login",
        code=("gui.system.single", "gui.system.safemode", "gui.system.onboarding", "gui.system.autostart"),
        paths=(
            "{data}/posture.lock", "{data}/posture.running", "{data}/posture.raise", "{data}/posture.welcomed",
            "{autostart}/posture.desktop", "{menu}/posture.desktop",
        ),
        key=PLAIN,
        kept=PROGRAM_ENDS,
        personal=False,
    ),
)  # fmt: skip
