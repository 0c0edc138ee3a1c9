"""Sentences of rooms that know no language, in another one: known by their words, whatever stands in their places."""

import re
from collections.abc import Callable, Collection
from functools import cache

_FIELD = re.compile(r"\\\{(\w+)\\\}")


def translated(text: str, known: Collection[str], translate: Callable[[str], str]) -> str:
    """`text` as `translate` has it where it is one of the `known` sentences; any other text stays as it is.

    In the places of a sentence ({name}) anything may stand, also a sentence, which is then translated as well.
    """
    for sentence in known:
        if (match := _pattern(sentence).fullmatch(text)) is not None:
            places = match.groupdict().items()
            return translate(sentence).format(**{name: translated(part, known, translate) for name, part in places})
    return text


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_FIELD.sub(r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL)
