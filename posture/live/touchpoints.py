"""What monitoring holds and keeps."""

from posture.touchpoint import PROGRAM_ENDS, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="pictures",
        stage=Stage.MEMORY,
        title="Pictures",
        data="the newest ones, in the size that model and window need",
        code=("live.threads", "live.slot", "channel", "redactor"),
        kept="until the next one comes",
    ),
    Touchpoint(
        name="decoding",
        stage=Stage.MEMORY,
        title="Decoding process",
        data="one file, its pictures and skeletons",
        code=("job", "wire", "posesjob", "redactjob"),
        kept="until the file is done",
        readers="that process: no network, and it writes no file",
        settings=("job.memory_mib", "job.time_limit_s"),
    ),
    Touchpoint(
        name="calibrations",
        stage=Stage.STORE,
        title="Calibrations",
        data="a few numbers of how you sit well; only if remembered",
        code=("live.profiles",),
        paths=("{data}/profiles.json", "{data}/profiles.sealed"),
        key="key in the system's keyring, if that opens the vault; else not encrypted",
        kept="until you forget them in the window",
        settings=("live.remember_profiles",),
    ),
    Touchpoint(
        name="today",
        stage=Stage.MEMORY,
        title="History of today",
        data="minutes of each posture, breaks; no picture",
        code=("sinks.history", "sinks.today", "live.moments"),
        kept=PROGRAM_ENDS,
    ),
)
