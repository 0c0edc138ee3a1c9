"""What a person corrects about an analysis: plain data in a file, and pure functions that apply them.

    observation ─► Applied ─► observation with the corrected keypoints measured anew, or nothing where it is left out
    task        ─► task_for ─► the same with the factors that were overridden for one person

Nothing here changes what was measured: a review lies beside an analysis, and taking it away gives the analysis back.
"""

from posture.review.apply import Applied, task_for
from posture.review.changes import NO_REVIEW, Exclusion, KeypointFix, Override, Review, check_review
from posture.review.file import as_json, load_review, of_json

__all__ = [
    "NO_REVIEW",
    "Applied",
    "Exclusion",
    "KeypointFix",
    "Override",
    "Review",
    "as_json",
    "check_review",
    "load_review",
    "of_json",
    "task_for",
]
