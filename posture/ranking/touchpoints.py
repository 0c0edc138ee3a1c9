"""What comparing models writes."""

from posture.touchpoint import PLAIN, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="ranking",
        stage=Stage.EXPORT,
        title="Comparison of models",
        data="figures, and pieces of the labelled pictures where a model was worst, of `posture evaluate --report`",
        code=("cli.evaluate", "ranking.page"),
        where="where you say",
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
    ),
)
