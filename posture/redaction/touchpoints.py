"""What redaction writes."""

from posture.touchpoint import PLAIN, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="redacted",
        stage=Stage.EXPORT,
        title="Redacted copies",
        data="pictures with covered faces; a face that was not found stays",
        code=("redaction.reception", "redaction.run", "sources.plainvideo", "sources.plainpicture"),
        paths=("{redacted}/*",),
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
    ),
)
