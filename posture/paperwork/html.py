"""HTML: one self-contained file without script. Its own policy forbids it to load or run anything."""

import base64
import hashlib
from importlib import resources

from posture.paperwork.document import Document
from posture.reports.html import environment


def written(document: Document) -> bytes:
    """The file. All content is escaped; the two pictures are made by this program."""
    from markupsafe import Markup

    style = resources.files("posture.paperwork").joinpath("templates", "document.css").read_text("utf-8")
    notice = document.notice
    content = (
        environment("posture.paperwork")
        .get_template("document.html")
        .render(
            doc=document,
            style=Markup(style),
            style_sha256=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            sign=Markup(notice.sign if notice else ""),
            code=Markup(notice.code if notice else ""),
        )
    )
    return content.encode()
