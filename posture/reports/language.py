"""The language of a report: `say("Held for {time}.", time=...)` within `with speaking("de"):`.

The English text is the key; `de.toml` beside this module holds the German one. A test finds every text in the code and
fails where German lacks it. What is being written knows its language from its context, so the words need no argument
for it and two threads may write in two languages.
"""

import datetime
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from typing import Literal, overload

LanguageName = Literal["en", "de"]
LANGUAGES: tuple[LanguageName, ...] = ("en", "de")
_SPOKEN: ContextVar[str] = ContextVar("language of the report", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Until the end of the block, all words are in this language, one of `LANGUAGES`."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> str:
    """The language that is spoken here and now."""
    return _SPOKEN.get()


def say(text: str, **values: object) -> str:
    """`text` in the language that is spoken, with `values` in the places of its {names}."""
    told = text if spoken() == "en" else catalogue(spoken()).get(text, text)
    return told.format(**values) if values else told


def inside(noun: str) -> str:
    """A noun within a sentence: German keeps its capital."""
    return noun if spoken() == "de" else f"{noun[:1].lower()}{noun[1:]}"


def marked(number: str) -> str:
    """A number that was written with a point, with the decimal mark of the language."""
    return number.replace(".", ",") if spoken() == "de" else number


def day(date: datetime.date, *, year: bool = True) -> str:
    """A date: 28 November 2026, 28. November 2026."""
    point = "." if spoken() == "de" else ""
    written = f"{date.day}{point} {say(MONTHS[date.month - 1])}"
    return f"{written} {date.year}" if year else written


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Words(Mapping[str, str]):
    """Texts by their keys, each in the language that is spoken when it is looked up."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        """As they stand in the code."""

    def __getitem__(self, key: str) -> str:
        return say(self.texts[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


class Named(Mapping[str, tuple[str, str]]):
    """Names, each with a word about it, likewise."""

    def __init__(self, texts: Mapping[str, tuple[str, str]]) -> None:
        self.texts = texts

    def __getitem__(self, key: str) -> tuple[str, str]:
        name, about = self.texts[key]
        return say(name), say(about)

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


class Heads(Sequence[str]):
    """The heads of the columns of a table, in the language that is spoken when they are read."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...

    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, int):
            return say(self.texts[index])
        return tuple(say(text) for text in self.texts[index])

    def __len__(self) -> int:
        return len(self.texts)


@cache
def catalogue(language: str) -> dict[str, str]:
    """From the English texts to those of `language`."""
    texts: dict[str, str] = tomllib.loads(resources.files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
    return texts
