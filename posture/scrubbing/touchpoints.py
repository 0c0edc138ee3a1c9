"""What scrubbing writes."""

from posture.touchpoint import PLAIN, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="scrubbed",
        stage=Stage.EXPORT,
        title="Scrubbed copies",
        data="your own videos and pictures without metadata; everything that they show stays",
        code=("scrubbing.reception", "scrubbing.run", "sources.streamcopy"),
        where="beside each file that is scrubbed, or where you say",
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
    ),
)
