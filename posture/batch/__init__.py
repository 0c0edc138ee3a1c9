"""Many files in one job: a journal of what became of each, workers that do them, a summary over all.

    discovery ─► journal ─► runner ─► Workers (local processes, a fleet) ─► FileOutcome ─► journal ─► summary

A file is one worker's job from its start to its end (a tracker has memory). Every result is byte for byte that of
`posture analyze` or `posture redact` on the file alone, whatever the order, the worker or the number of resumes.
"""
