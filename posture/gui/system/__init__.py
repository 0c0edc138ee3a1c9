"""Where the window meets the desktop around it.

    session, power, foreground   what the desktop says: locked, asleep, on battery, a full screen in front, a call
    cues, sound, tray, mini      how a reminder shows
    single, autostart, safemode  one program at a time, at login, and after a crash
    questions                    what is asked before there is a window
    shell                        all of it, tied to the monitor

Every adapter says None where something cannot be known, and never guesses.
"""
