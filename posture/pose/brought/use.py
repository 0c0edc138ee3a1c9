"""What a manifest says of how a model is to be used: everything between a picture and keypoints."""

from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec

from posture.errors import ConfigError, parted
from posture.pose.onnx_check import Quantum
from posture.skeleton import LAYOUTS

HeadName = Literal[
    "blazepose", "heatmap", "movenet", "simcc",
    "posenet", "movenet-multi", "rtmo", "yolo-pose",
    "blazepose-detector", "nanodet", "rtmdet", "yolox",
]  # fmt: skip
TOP_DOWN: tuple[HeadName, ...] = ("blazepose", "heatmap", "movenet", "simcc")
"""Look at one person in a region, and so can follow that person without a detector."""
ONE_STAGE: tuple[HeadName, ...] = ("posenet", "movenet-multi", "rtmo", "yolo-pose")
"""Find everybody in a picture, with keypoints."""
DETECTORS: tuple[HeadName, ...] = ("blazepose-detector", "nanodet", "rtmdet", "yolox")
"""Find everybody in a picture, without keypoints: for the top-down ones."""
LAYOUT_FREE: tuple[HeadName, ...] = ("blazepose", *DETECTORS)
"""Have no layout to choose: none at all, or always that of BlazePose."""

Triple = tuple[float, float, float]
Side = Annotated[int, msgspec.Meta(ge=16, le=4096)]
Finite = Annotated[float, msgspec.Meta(gt=-1e6, lt=1e6)]


class InputUse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a picture becomes the input: cut, scaled, (byte - mean) / std, quantised, laid out."""

    width: Side
    height: Side
    layout: Literal["NHWC", "NCHW"]
    dtype: Literal["uint8", "int8", "int32", "float32", "float16"]
    colour: Literal["RGB", "BGR"] = "RGB"
    mean: tuple[Finite, Finite, Finite] = (0.0, 0.0, 0.0)
    """Of bytes, 0 to 255, in the order of `colour`."""
    std: tuple[Finite, Finite, Finite] = (1.0, 1.0, 1.0)
    fit: Literal["region", "letterbox", "corner", "stretch"]
    """What of the picture is shown: the region around one person; or all of it, in the middle of the input, in its
    upper left corner, or stretched to fill it."""
    fill: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0
    """Byte of what lies outside of the picture."""
    padding: Annotated[float, msgspec.Meta(ge=1.0, le=3.0)] = 1.25
    """Side of the region in longer sides of the person's box."""
    quantum: Quantum | None = None
    """Of a quantised input; without one whole numbers are the bytes after mean and std."""
    sizes: dict[str, Annotated[int, msgspec.Meta(ge=1, le=4096)]] = {}
    """What the named open sizes of an ONNX model are to be."""


class Use(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a model is used. Which fields a head reads is said with it in `posture.pose.brought.heads`."""

    head: HeadName
    input: InputUse
    skeleton: str = ""
    """Name of the layout (`posture.skeleton`); a detector has none, and blazepose its own."""
    outputs: dict[str, str] = {}
    """Which output plays which part, where its shape does not tell."""
    quanta: dict[str, Quantum] = {}
    """Of outputs that are whole numbers. TFLite files say it themselves."""
    score: Literal["probability", "logit"] = "probability"
    """Scale of the scores: as they are, or before the logistic function."""
    half: Annotated[float, msgspec.Meta(gt=0, le=10)] = 0.5
    """Score (after the logistic function) that stands for an even chance: what is seen is seen from here on."""
    flip: bool = False
    """Whether each picture is also looked at in the mirror, and both results averaged. Takes twice the time."""
    split: Annotated[float, msgspec.Meta(gt=0, le=16)] = 2.0
    """simcc: bins of each axis for one pixel of the input."""
    person: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    """nanodet, yolox: which class people are; rtmdet: which label."""
    classes: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 80
    """nanodet: how many classes it knows; the rest of its rows is distances."""

    def __post_init__(self) -> None:
        """Raises ValueError, which msgspec turns into its own."""
        if self.person >= self.classes and self.head == "nanodet":
            raise ValueError(f"person = {self.person}: of classes = {self.classes} the first is 0")
        if 0.0 in self.input.std:
            raise ValueError("input.std must not be 0")
        if self.head in LAYOUT_FREE and self.skeleton:
            raise ValueError(f"a model with the head {self.head} takes no skeleton")
        if self.head not in LAYOUT_FREE and self.skeleton not in LAYOUTS:
            raise ValueError(f"skeleton = {self.skeleton!r}: known are {', '.join(LAYOUTS)}")
        if self.head in TOP_DOWN and self.input.fit not in ("region", "letterbox"):
            raise ValueError(f"input.fit = {self.input.fit!r}: a model with the head {self.head} looks at a region")
        if self.head not in TOP_DOWN and self.input.fit == "region":
            raise ValueError(f"input.fit = 'region': a model with the head {self.head} looks at the whole picture")

    @property
    def layout(self) -> str:
        """Name of the skeleton of its keypoints."""
        return self.skeleton or "blazepose-33"


def from_tree(tree: object, origin: str) -> Use:
    """An entry as read from TOML or JSON. Raises ConfigError that names `origin`, the key and what is allowed."""
    try:
        return msgspec.convert(tree, Use)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{origin}: {exc}{_known(str(exc))}") from exc


def _known(message: str) -> str:
    """What may stand in the place of a field or a word that is not known."""
    above, _, name = parted(message)[1].rpartition(".")
    if message.startswith("Invalid enum value"):
        return f"; known are {', '.join(get_args(get_type_hints(InputUse if above else Use)[name]))}"
    if message.startswith("Object contains unknown field") and not above and name in ("", "input"):
        return f"; known are {', '.join(get_type_hints(InputUse if name else Use))}"
    return ""


def as_tree(use: Use) -> dict[str, Any]:
    """The entry as TOML or JSON hold it; what is as usual is left out."""
    tree: dict[str, Any] = msgspec.to_builtins(use)
    return tree
