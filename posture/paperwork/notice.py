"""The camera notice: a sheet to put up, with a QR code that is made here and opens no connection."""

import io
from collections.abc import Callable, Mapping
from typing import Any

from posture.paperwork.document import Notice, Text, said
from posture.paperwork.values import Values

MOST_CODE_BYTES = 750
"""Of the notice in a code: at 66 mm a square is as large as half a millimetre, which telephones read."""
_SIGN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120"><rect x="3" y="3" width="114" height="114" rx="14" '
    'fill="#1d4e89"/><g fill="#ffffff"><rect x="22" y="44" width="52" height="34" rx="5"/>'
    '<path d="M78 55 L98 43 V79 L78 67 Z"/></g><circle cx="37" cy="61" r="7" fill="#1d4e89"/></svg>'
)
"""A camera, white on blue: what informs is blue (after ISO 7010, mandatory and information signs)."""


def notice(texts: Mapping[str, Any], values: Values, cell: Callable[[str], Text]) -> Notice:
    """The parts of the sheet."""
    url = values.told["notice_url"].strip()
    content = url or _short(texts["text"].format_map(_Told(values)))
    return Notice(
        facts=tuple((one["label"], cell(one["value"])) for one in texts["fact"]),
        rights=said(texts["rights"]),
        code=qr_code(content),
        code_says=texts["code_url"] if url else texts["code"],
        sign=_SIGN,
        sign_says=texts["sign"],
        more=texts["more_url"] if url else texts["more"],
    )


def qr_code(content: str) -> str:
    """As SVG, with the quiet zone of four squares that readers need (ISO/IEC 18004)."""
    import segno

    out = io.BytesIO()
    segno.make(content, error="l", micro=False, boost_error=False).save(
        out, kind="svg", border=4, xmldecl=False, svgns=True, omitsize=True, light="#ffffff", dark="#000000"
    )
    return out.getvalue().decode().strip()


class _Told(dict[str, str]):
    """Values and what people told; a dash for what they did not."""

    def __init__(self, values: Values) -> None:
        told = {name: text.strip() or "–" for name, text in values.told.items()}
        super().__init__({**told, **values.texts})


def _short(text: str) -> str:
    """The text, or as much of it as a code takes: the sheet beside it has all of it."""
    if len(text.encode()) <= MOST_CODE_BYTES:
        return text
    return text.encode()[: MOST_CODE_BYTES - 4].decode("utf-8", "ignore") + " …"
