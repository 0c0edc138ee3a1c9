"""One frame in, one picture out in which faces, backgrounds or people cannot be seen any more.

    Frame ─► faces (tiles, both detectors) ─┐
          ─► people (poses)                 ├─► who and what is covered ─► pixels
          ─► mask (segmentation)           ─┘

A false cover is cheap and a face that stays is not: everything that one of the models takes for a head is covered,
and where the place of a head is not certain, the whole person. A model that fails ends the file with an error.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from posture.data import PARTS, Frame, Oval, Picture, Pose, Zone
from posture.ergonomics.iso11226 import PART_MEASURES, assess
from posture.ergonomics.measure import measure
from posture.pacing import Pacer
from posture.pose import heads
from posture.pose.blazepose import Landmarks
from posture.pose.body import Box, extent
from posture.pose.bystanders import MainPerson, bystanders
from posture.pose.catalogue import Catalogue
from posture.pose.covers import Covers, WholeHold, covers, whole
from posture.pose.face import Face
from posture.pose.follow import Follower
from posture.pose.hold import Hold, distinct
from posture.pose.people import Crowd, People
from posture.pose.scene import Scene
from posture.pose.segment import Segmenter
from posture.pose.settings import PoseSettings
from posture.pose.watch import FaceWatch
from posture.privacy import figures, redact
from posture.privacy.settings import NEUTRAL, RedactSettings

__all__ = ["NEUTRAL", "RedactSettings", "Redacted", "Redactor"]

POSES_HZ = 10.0
"""How often people are looked for in a video where only heads are covered."""
LOOK_BACK_S, LOOK_BACK_FRAMES = 0.2, 8
"""How long a frame of a video waits, in seconds of the stream and at most in frames: who is found only now was
perhaps there before, because not all of a picture is searched in every frame. At 4K a waiting frame takes 25 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Redacted:
    """One redacted picture."""

    pixels: Picture
    """uint8 RGB [height, width, 3], upright."""
    faces: int
    """Heads that are covered or blurred."""
    people: int
    """People seen."""
    uncertain: int
    """People covered as a whole because the place of the head was not certain."""
    appeared: tuple[Oval, ...] = ()
    """In a video: heads that no frame before had. They may have been there unseen: see `Redactor.hide`."""
    appeared_wholes: tuple[Box, ...] = ()
    """The same for people covered as a whole."""


class Redactor:
    """The models and what they remember of one stream. Not to be shared between streams or threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: RedactSettings,
        pose_settings: PoseSettings,
        *,
        replacement: Picture | None = None,
        still: bool,
        captions: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Load the models that the settings need. `still`: pictures that have nothing to do with each other.
        `captions`: words for the parts, zones and the unit of an overlay; what has none is called as in the code.

        Raises ModelError: a model is missing, altered, or refused by every provider.
        """
        self._settings, self._still, self._captions = settings, still, captions
        where = pose_settings.providers, pose_settings.threads
        pictures = not settings.skeleton_only
        masked = pictures and settings.background != "keep"
        watches = pictures and (settings.faces != "keep" or settings.bystanders == "remove")
        self._people = People(catalogue, pose_settings, still=still)
        self._faces = FaceWatch(catalogue, *where, still=still) if watches else None
        self._segmenter = Segmenter(catalogue, *where) if masked else None
        self._scene, self._follower = Scene(), Follower()
        self._heads, self._wholes, self._others = Hold(), WholeHold(), WholeHold()
        self._crowd, self._main = Crowd(), MainPerson()
        # Where bodies are drawn or cut out they are needed for every frame; heads move on by themselves for a while.
        paced = pictures and not masked and settings.bystanders == "keep" and not still and not settings.overlay
        self._pacer = Pacer(POSES_HZ if paced else "all")
        self._replacement = replacement if settings.background == "replace" else None
        self._behind: Picture | None = None
        self._size = (0, 0)

    def __call__(self, frame: Frame) -> Redacted:
        """The redacted picture. Frames of a video must come in order of time.

        Raises ModelError where a model fails or gives no numbers: then there is no picture at all.
        """
        redacted = self._redacted(frame)
        if self._settings.overlay:
            for pose in self._crowd.poses:
                head = heads.head(pose)
                figures.over(redacted.pixels, pose.points_px, pose.visibility, head, self._told(pose, frame))
        return redacted

    def _told(self, pose: Pose, frame: Frame) -> list[str]:
        """The angles that decide about a zone, and the zone where it is not acceptable; plain ASCII, as it is drawn."""
        measured = measure(pose, frame.width, frame.height)
        judged = assess(measured)
        word, told = self._captions, []
        for part, zone in zip(PARTS, judged.zones, strict=True):
            if zone is Zone.UNKNOWN:
                continue
            line = f"{word.get(part, part)} {measured[PART_MEASURES[part]]:.0f} {word.get('deg', 'deg')}"
            told.append(line if zone is Zone.ACCEPTABLE else f"{line}, {word.get(zone, zone)}")
        return told

    def _redacted(self, frame: Frame) -> Redacted:
        due = self._pacer.due(frame.time_s)
        resized, self._size = (frame.width, frame.height) != self._size, (frame.width, frame.height)
        cut = self._scene.changed(frame) or resized or self._still
        if cut:
            self._forget()
            due = True
        if due:
            self._crowd = self._people(frame)
        main = self._main(self._crowd, frame.time_s) if self._settings.bystanders == "remove" else None
        if self._settings.skeleton_only:
            poses = self._crowd.poses if self._settings.bystanders == "keep" else _pose_of(main, self._crowd)
            return _figures(frame, self._crowd, poses, self._settings.background_colour)
        pixels = _own(frame.scaled(frame.width, frame.height))
        if not self._still:
            self._follower.next(pixels)
        keep = self._mask(frame)
        faces = self._found(pixels, frame.time_s, keep)
        found = self._held(covers(self._crowd if due else Crowd(), faces, frame.width, frame.height), frame.time_s)
        if keep is not None:
            self._paint_background(pixels, keep)
            found = self._left(found, keep, frame)
        if self._settings.bystanders == "remove":
            self._remove_others(pixels, faces, main, found, frame.time_s)
        return self._finished(pixels, found, cut=cut)

    def hide(self, pixels: Picture, ovals: Iterable[Oval], wholes: Iterable[Box] = ()) -> None:
        """Make heads and whole people of an earlier frame, finished already, unrecognisable too."""
        redact.cover_boxes(pixels, wholes)
        if self._settings.faces == "blur":
            redact.blur_ovals(pixels, ovals)
        else:
            redact.cover_ovals(pixels, ovals)

    def close(self) -> None:
        """End a model call that hangs, from any thread. The redactor cannot be used afterwards."""
        for part in (self._people, self._faces, self._segmenter):
            if part is not None:
                part.close()

    def _forget(self) -> None:
        """What was seen before says nothing about this frame."""
        self._heads.forget()
        self._follower.next(None)
        self._wholes.forget()
        self._others.forget()
        self._main.forget()
        if self._faces is not None:
            self._faces.forget()

    def _mask(self, frame: Frame) -> Picture | None:
        """255 where the picture stays; None where all of it does."""
        if self._segmenter is None:
            return None
        crowd = self._crowd
        return self._segmenter(frame, [*map(whole, crowd.bodies), *map(extent, crowd.unconfirmed)])

    def _found(self, pixels: Picture, time_s: float, keep: Picture | None) -> list[Face]:
        if self._faces is None:
            return []
        return self._faces(pixels, time_s, keep)

    def _held(self, now: Covers, time_s: float) -> Covers:
        """What is to be covered now, and what was seen a moment ago."""
        if self._still:
            return now
        held = self._heads(now.heads, now.doubtful, time_s, self._follower.moved)
        return Covers(now.heads, (*now.doubtful, *held), self._wholes(now.wholes, time_s))

    def _left(self, found: Covers, keep: Picture, frame: Frame) -> Covers:
        """Without the heads that went with the background; a blurred one may still show something."""
        if self._settings.background == "blur":
            return found

        def left(ovals: tuple[Oval, ...]) -> tuple[Oval, ...]:
            return tuple(oval for oval in ovals if not redact.gone(oval, keep, frame.width, frame.height))

        return Covers(left(found.heads), left(found.doubtful), found.wholes)

    def _remove_others(
        self, pixels: Picture, faces: list[Face], main: Landmarks | None, found: Covers, time_s: float
    ) -> None:
        """Paint over everybody but `main`, and every head that is not theirs, also where faces are kept."""
        height, width = pixels.shape[:2]
        redact.cover_ovals(pixels, _strangers(found, main))
        hold = tuple if self._still else partial(self._others, time_s=time_s)
        redact.cover_mask(pixels, bystanders(self._crowd, faces, main, width, height, hold))

    def _paint_background(self, pixels: Picture, keep: Picture) -> None:
        height, width = pixels.shape[:2]
        if self._settings.background == "blur":
            redact.blur_background(pixels, keep)
        elif self._replacement is None:
            redact.fill_background(pixels, keep, self._settings.background_colour)
        else:
            if self._behind is None or self._behind.shape != pixels.shape:
                self._behind = redact.filled(self._replacement, width, height)
            redact.replace_background(pixels, keep, self._behind)

    def _finished(self, pixels: Picture, found: Covers, *, cut: bool) -> Redacted:
        """Faces come last, on top of everything else. After a `cut` nothing was there before."""
        if self._settings.faces == "keep":
            return Redacted(pixels, 0, self._crowd.count, 0)
        ovals = (*found.heads, *found.doubtful)
        self.hide(pixels, ovals, found.wholes)
        appeared = () if cut else self._heads.appeared
        wholes = () if cut else self._wholes.appeared
        return Redacted(pixels, len(distinct(ovals)), self._crowd.count, len(found.wholes), appeared, wholes)


class LookBack:
    """Redacted frames that are not encoded yet."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._frames: deque[tuple[Picture, float]] = deque()

    def add(self, redacted: Redacted, time_s: float) -> None:
        """Take a frame, and hide in those before it what it showed first."""
        for pixels, _ in self._frames:
            self._redactor.hide(pixels, redacted.appeared, redacted.appeared_wholes)
        self._frames.append((redacted.pixels, time_s))

    def due(self, now_s: float = math.inf) -> Iterator[tuple[Picture, float]]:
        """Frames, in order, that have waited long enough when the next one, of `now_s`, is added; without it all."""
        while self._frames and (len(self._frames) >= LOOK_BACK_FRAMES or now_s - self._frames[0][1] > LOOK_BACK_S):
            yield self._frames.popleft()


def _strangers(found: Covers, main: Landmarks | None) -> list[Oval]:
    """Heads that are not the main person's; what only may be a head counts where it is not on their body."""
    if main is None:
        return [*found.heads, *found.doubtful]
    own, body = heads.head(main), whole(main)
    sure = [oval for oval in found.heads if math.dist(oval[:2], own[:2]) > own.along]
    return sure + [o for o in found.doubtful if not (body.left <= o.x <= body.right and body.top <= o.y <= body.bottom)]


def _pose_of(main: Landmarks | None, crowd: Crowd) -> tuple[Pose, ...]:
    """The pose of the main person, smoothed, if they are seen."""
    if main is None:
        return ()
    return tuple(sorted(crowd.poses, key=lambda pose: math.dist(heads.middle(pose), heads.middle(main)))[:1])


def _figures(frame: Frame, crowd: Crowd, poses: Sequence[Pose], ground: tuple[int, int, int]) -> Redacted:
    pixels = redact.flat(frame.width, frame.height, ground)
    for pose in poses:
        figures.draw(pixels, pose.points_px, pose.visibility, heads.head(pose))
    return Redacted(pixels, 0, crowd.count, 0)


def _own(pixels: Picture) -> Picture:
    """The same pixels in memory that may be changed, and in one piece for OpenCV."""
    return np.require(pixels, requirements=["C", "W", "O"])
