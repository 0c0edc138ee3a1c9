"""PDF by typst: tagged (PDF/UA-1), with its language, the same bytes on every machine.

All content goes in as data, never as typst source; the template reads no file and uses typst's own fonts.
"""

import json
from dataclasses import asdict
from importlib import resources

from posture.errors import SinkError
from posture.paperwork.document import Document


def written(document: Document) -> bytes:
    """The file. Raises SinkError if typst refuses the content."""
    import typst  # 25 MB with its fonts

    template = resources.files("posture.paperwork").joinpath("templates", "document.typ").read_bytes()
    content = json.dumps(asdict(document), ensure_ascii=False, sort_keys=True)
    try:
        made: bytes = typst.compile(
            template, sys_inputs={"doc": content}, ignore_system_fonts=True, format="pdf", pdf_standards=["ua-1"]
        )
    except typst.TypstError as exc:
        raise SinkError(f"the PDF of {document.name} cannot be set: {exc}; choose --format html") from exc
    return made
