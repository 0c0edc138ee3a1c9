"""A review as a file: JSON, so that other programs can read it and a person can compare two versions."""

from pathlib import Path
from typing import Any

import msgspec

from posture.errors import ConfigError
from posture.review.changes import Review, check_review

LARGEST_BYTES = 16 << 20
"""A larger file is none of ours: a correction takes about 200 bytes."""

_decoder = msgspec.json.Decoder(Review)


def as_json(review: Review) -> bytes:
    """The file: indented UTF-8, the same bytes for the same review."""
    return msgspec.json.format(msgspec.json.encode(_said(msgspec.to_builtins(review))), indent=1) + b"\n"


def _said(tree: Any) -> Any:  # noqa: ANN401 - plain values of any kind
    """Without what nobody said anything about: most of a task, as a rule."""
    if isinstance(tree, dict):
        return {str(key): _said(value) for key, value in tree.items() if value is not None}
    return [_said(value) for value in tree] if isinstance(tree, list | tuple) else tree


def of_json(content: bytes) -> Review:
    """The review of a file. Raises ValueError that says what is wrong where."""
    try:
        return check_review(_decoder.decode(content))
    except msgspec.DecodeError as exc:  # and ValidationError, which is one
        raise ValueError(str(exc)) from exc


def load_review(path: Path) -> Review:
    """Read a review file. Raises ConfigError."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigError(f"{path}: too large for a review; is it another file?")
        return of_json(path.read_bytes())
    except OSError as exc:
        raise ConfigError(f"{path}: the review cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise ConfigError(f"{path}: this is no review of posture: {exc}") from exc
