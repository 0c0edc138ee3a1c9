"""What is exchanged with other programs."""

from posture.touchpoint import PLAIN, WHERE_YOU_SAY, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="keypoints-in",
        stage=Stage.SOURCE,
        title="Keypoints of other programs",
        data="points and times, only of files that you name",
        code=("interchange.reading", "posesjob", "evaluate"),
        where=WHERE_YOU_SAY,
        kept="read once, left as they are",
        readers="the decoding process",
    ),
    Touchpoint(
        name="keypoints-out",
        stage=Stage.EXPORT,
        title="For other programs",
        data="points and angles over time, where you ask for them",
        code=(
            "interchange.writing", "interchange.openpose", "interchange.coco", "interchange.trc", "interchange.mot",
            "interchange.texts", "interchange.c3d", "interchange.parquet", "interchange.netcdf",
        ),
        paths=(
            "{reports}/*-openpose", "{reports}/*-openpose/*", "{reports}/*.coco.json", "{reports}/*.trc",
            "{reports}/*.mot", "{reports}/*.c3d", "{reports}/*.wide.csv", "{reports}/*.long.csv",
            "{reports}/*.parquet", "{reports}/*.nc",
        ),
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
        covers=(
            "interchange:openpose", "interchange:coco", "interchange:trc", "interchange:mot", "interchange:c3d",
            "interchange:wide", "interchange:long", "interchange:parquet", "interchange:netcdf",
        ),
        settings=("output.folder", "output.exports"),
    ),
)  # fmt: skip
