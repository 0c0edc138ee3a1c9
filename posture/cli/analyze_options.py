"""The options of `posture analyze`, some of which other verbs share."""

from typing import Annotated

import typer

Inputs = Annotated[list[str], typer.Argument(metavar="FILE|FOLDER|GLOB", help="Videos or pictures to analyse.")]
Folder = Annotated[
    str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for the reports (default: posture-out).")
]
Formats = Annotated[
    str | None, typer.Option("--format", metavar="LIST", help="Comma-separated: html, json, csv, pdf, xlsx, or all.")
]
Language = Annotated[str | None, typer.Option("--language", metavar="en|de", help="Language of the reports.")]
Model = Annotated[str | None, typer.Option(help="Pose model: lite, full (default), heavy, movenet, or an added one.")]
Estimate = Annotated[
    bool,
    typer.Option(
        "--estimate",
        metavar="",
        help="Of recordings (.pclip): estimate the poses anew instead of taking those that were seen while recording.",
    ),
]
Rate = Annotated[
    str | None,
    typer.Option(
        metavar="HZ|all|1/N",
        help="Rate of poses (default 10), every frame, or every 2nd, 3rd, 5th or 10th.",
    ),
]
People = Annotated[
    int | None, typer.Option(metavar="N", help="How many people to follow (default 1: the largest in the picture).")
]
CameraPitch = Annotated[
    float | None, typer.Option(metavar="DEG", help="Camera tilt: degrees that it looks down (default 0, level).")
]
CameraRoll = Annotated[
    float | None, typer.Option(metavar="DEG", help="Camera roll: degrees that it is turned clockwise (default 0).")
]
Level = Annotated[
    str | None,
    typer.Option(metavar="X,Y,X,Y", help="Calibrate the roll: two points (pixels) of a level or plumb line."),
]
Keypoints = Annotated[bool, typer.Option("--keypoints", metavar="", help="Write the keypoints into the CSV as well.")]
KeyFrames = Annotated[
    str | None,
    typer.Option(
        metavar="skeleton|picture",
        help="What HTML and PDF show of single moments: stick figures (default), or the pictures with the people in "
        "them. JSON and CSV never carry pictures.",
    ),
]
Exports = Annotated[
    str | None,
    typer.Option(
        "--export",
        metavar="LIST",
        help="Keypoints and angles for other programs beside the reports: openpose, coco, trc, mot, c3d, wide, long, "
        "parquet, netcdf, or all.",
    ),
]
FrameRate = Annotated[
    float | None,
    typer.Option(metavar="HZ", min=0.01, help="Frames a second of keypoint files that say nothing of time."),
]
Video = Annotated[
    bool,
    typer.Option(
        "--video",
        metavar="",
        help="Write an annotated copy beside the reports: skeletons and angles over the picture, faces covered, "
        "without metadata and sound.",
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace reports that are already there.")]
