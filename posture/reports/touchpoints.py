"""What reports write."""

from posture.touchpoint import PLAIN, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="reports",
        stage=Stage.EXPORT,
        title="Reports and reviews",
        data="angles, times, scores, stick figures; names that you type; in a review the time of each change",
        code=(
            *("analysis", "reports.xlsx", "cli.analyze", "cli.written"),
            *("gui.analyse.page", "gui.analyse.task_tab", "gui.reports.page"),
        ),
        paths=("{reports}/*.html", "{reports}/*.pdf", "{reports}/*.json", "{reports}/*.csv", "{reports}/*.xlsx"),
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
        covers=("report:html", "report:pdf", "report:json", "report:csv", "report:xlsx"),
        settings=("output.folder", "output.formats", "output.keypoints", "output.key_frames"),
    ),
)
