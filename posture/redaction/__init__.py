"""From files to redacted files: the parent's side of `redactjob.py`, for `posture redact`."""

from posture.redaction.plan import Outcome, Plan, Redacted, Task
from posture.redaction.run import Redaction

__all__ = ["Outcome", "Plan", "Redacted", "Redaction", "Task"]
