"""What scrubbing writes."""

from posture.touchpoint import PLAIN, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="scrubbed",
        stage=Stage.EXPORT,
        title="Files without metadata",
        data="your own files, with the same pixels; in place only if asked",
        code=("scrubbing.reception", "scrubbing.run", "sources.streamcopy", "scrubjob"),
        paths=("{scrubbed}/*",),
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
    ),
)
