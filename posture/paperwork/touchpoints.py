"""What the paperwork writes."""

from posture.touchpoint import PLAIN, WHERE_YOU_SAY, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="paperwork",
        stage=Stage.EXPORT,
        title="Paperwork",
        data="records, notices and forms, with the names of your settings",
        code=("paperwork.writing", "cli.paperwork"),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
        covers=("paperwork:html", "paperwork:pdf"),
    ),
)
