"""What reports write."""

from posture.touchpoint import PLAIN, WHERE_YOU_SAY, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="reports",
        stage=Stage.EXPORT,
        title="Reports",
        data="angles, times, scores, stick figures; no name, path or time of day",
        code=("analysis", "reports.xlsx", "cli.analyze"),
        paths=("{reports}/*.html", "{reports}/*.pdf", "{reports}/*.json", "{reports}/*.csv", "{reports}/*.xlsx"),
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
        covers=("report:html", "report:pdf", "report:json", "report:csv", "report:xlsx"),
        settings=("output.folder", "output.formats", "output.keypoints", "output.key_frames"),
    ),
    Touchpoint(
        name="reviews",
        stage=Stage.EXPORT,
        title="Reviews and task files",
        data="corrections of keypoints and factors, the names that you type, what you say about a task",
        code=("gui.analyse.page", "gui.analyse.task_tab"),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
    ),
)
