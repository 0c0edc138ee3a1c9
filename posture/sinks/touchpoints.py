"""What the sinks hold and keep."""

from posture.touchpoint import Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="pre-roll",
        stage=Stage.MEMORY,
        title="Pre-roll and what waits for the disk",
        data="the last seconds of video, while recording",
        code=("sinks.recorder", "sinks.take", "sinks.fragments"),
        kept="{recorder.pre_roll_s} s",
        settings=("recorder.pre_roll_s", "recorder.mode"),
    ),
    Touchpoint(
        name="history",
        stage=Stage.STORE,
        title="History",
        data="minutes of each posture; in plain only which days there are",
        code=("sinks.archive", "sinks.minutes"),
        paths=("{data}/vault/history.sqlite", "{data}/vault/history.sqlite-*"),
        key="a key a day, which no other reader gets",
        kept="{live.history_days} days; then its key is erased",
        readers="whoever opens the vault",
        covers=("sink:history",),
        settings=("live.history_days",),
    ),
    Touchpoint(
        name="unsaved-work",
        stage=Stage.STORE,
        title="Analyses under way",
        data="names of files on the Analyse page, and reviews that were not saved; only where there is a vault",
        code=("sinks.unsaved",),
        paths=("{data}/vault/unsaved-*.sealed",),
        key="AES-256-GCM, key of the day",
        kept="until it ends in order; after a crash until it is restored, or {live.history_days} days",
        readers="whoever opens the vault",
        settings=("live.history_days",),
    ),
    Touchpoint(
        name="recordings",
        stage=Stage.STORE,
        title="Recordings",
        data="video of what was chosen: {recorder.content}; no sound, no metadata",
        code=("sinks.clipfile", "sinks.storage", "vault.pieces"),
        paths=("{recordings}/*.pclip",),
        key="AES-256-GCM, key of the day",
        kept="{vault.keep_days} days; then its key is erased",
        readers="whoever opens the vault",
        covers=("sink:recorder",),
        settings=(
            "vault.folder", "vault.keep_days", "recorder.content", "recorder.mode", "recorder.most_gib",
        ),
    ),
)  # fmt: skip
