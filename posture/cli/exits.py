"""Exit codes, after BSD sysexits(3); 128 and the number of the signal for a program that was asked to end."""

from posture import errors

OK, FAILED, USAGE, SOME_FAILED = 0, 1, 2, 3
HUNG_UP, CANCELLED, TERMINATED = 129, 130, 143
BAD_DATA, NO_INPUT, UNAVAILABLE, CANNOT_WRITE, IO_ERROR, NOT_ALLOWED = 65, 66, 69, 73, 74, 77

# The first class that matches counts, so a subclass stands before its base.
_CODES: tuple[tuple[type[errors.PostureError], int], ...] = (
    (errors.ConfigError, USAGE),
    (errors.NoInput, NO_INPUT),
    (errors.VideoUnreadable, BAD_DATA),
    (errors.CameraPermission, NOT_ALLOWED),
    (errors.CameraUnavailable, UNAVAILABLE),
    (errors.CameraBusy, UNAVAILABLE),
    (errors.CameraLost, UNAVAILABLE),
    (errors.SourceError, BAD_DATA),
    (errors.ModelRefused, UNAVAILABLE),
    (errors.ModelMissing, NO_INPUT),
    (errors.ModelError, BAD_DATA),
    (errors.LogDamaged, BAD_DATA),
    (errors.VaultError, NOT_ALLOWED),
    (errors.OutputFull, IO_ERROR),
    (errors.SinkError, CANNOT_WRITE),
    (errors.FleetError, UNAVAILABLE),
    (errors.NetworkRefused, NOT_ALLOWED),
)


def exit_code(error: errors.PostureError) -> int:
    """The exit code that tells a script what kind of error it was."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)
