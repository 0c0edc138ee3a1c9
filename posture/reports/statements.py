"""The standing texts of the reports: advice, limits, privacy. Read them through `say`, `limits` and `privacy`."""

from posture.ergonomics.camera import LEVEL, TILTED, Camera
from posture.reports.language import Words, say

ADVICE = Words(
    {
        "trunk": "Look at reach and work height: bring the work closer and use the back rest.",
        "head": "Look at the height of what is looked at: raise the screen or document.",
        "neck": "Look at the angle between eyes and work: raise the screen, or tilt the work towards the eyes.",
        "left_upper_arm": "Look at work height and reach on the left: lower or bring closer what is handled, support "
        "the arm.",
        "right_upper_arm": "Look at work height and reach on the right: lower or bring closer what is handled, support "
        "the arm.",
    }
)

LIMITS = (
    "This is a screening tool. An ergonomist should review the result before anything is decided on it.",
    "It is not a medical device: it neither diagnoses nor predicts an illness or pain.",
    "Zones and holding times are zones after ISO 11226, static working postures; the standard itself is not quoted.",
    "RULA, REBA and OWAS were made for trained observers at the workplace. What was neither measured nor entered makes "
    "a score an interval, and its lower end a lower bound.",
    "One camera sees angles, not load, force, grip, wrist posture, vibration, or whether arms, trunk and head are "
    "supported. Support can make a conditional posture acceptable; a load can make an acceptable posture harmful.",
    "Some angles can be measured only from the front, others only from the side. What could not be measured is left "
    "out of every figure and counted as time not judged; it never counts as good.",
    "Keypoints are estimates of a neural network. Angles from one camera are good to about 5 to 10 degrees when the "
    "body part is clearly seen, and worse where it is partly hidden.",
    "Nothing is derived about emotion, attention, fatigue, identity or performance.",
)

PRIVACY = (
    "Everything was computed on this machine; no network connection was opened for it.",
    "This report contains joint angles, zones, scores, times within the recording and stick figures.",
    "It contains no picture, no sound, no face, no name, no time of day, no place and no file name.",
    "The source is named by its SHA-256 only; metadata in the file was counted and not read.",
    "Angles over time of one person are pseudonymised personal data, not nameless statistics: keep them as long as the "
    "purpose needs, and no longer.",
)

_PICTURES = (
    "This report contains pictures of people, faces included, because it was asked for: one for each of the moments "
    "to look at. Whoever has this file can see who it is about. Pass it on only to those who may see the recording.",
)
_BESIDE = (
    "Beside them it contains joint angles, zones, scores, times within the recording and skeletons. It contains no "
    "sound, no name, no time of day, no place and no file name, unless a picture itself shows one.",
)
_NAMED_BESIDE = (
    "Beside them it contains joint angles, zones, scores, times within the recording, skeletons, and the names that "
    "were given for people and for whoever entered the task. It contains no sound, no time of day, no place and no "
    "file name, unless a picture itself shows one.",
)
_NAMED = (
    "This report contains joint angles, zones, scores, times within the recording, stick figures, and the names that "
    "were given for people and for whoever entered the task.",
    "It contains no picture, no sound, no face, no time of day, no place and no file name.",
)


def privacy(*, named: bool, pictures: bool = False) -> tuple[str, ...]:
    """What a report contains; `named`: somebody gave names, `pictures`: it shows moments as pictures."""
    texts = (PRIVACY[0], *_NAMED, *PRIVACY[3:]) if named else PRIVACY
    if pictures:
        texts = (PRIVACY[0], *_PICTURES, *(_NAMED_BESIDE if named else _BESIDE), *PRIVACY[3:])
    return tuple(map(say, texts))


def assumptions(camera: Camera | None) -> tuple[str, ...]:
    """What the figures rest on."""
    if camera is None:
        return ()
    if camera.pitch_deg == 0 and camera.roll_deg == 0:
        return (say(LEVEL),)
    return (say(TILTED, pitch=f"{camera.pitch_deg:g}", roll=f"{camera.roll_deg:g}"),)


def limits() -> tuple[str, ...]:
    """What a reader must know of what the figures cannot say."""
    return tuple(map(say, LIMITS))
