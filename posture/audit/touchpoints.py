"""What the audit log keeps and gives away."""

from posture.touchpoint import PLAIN, WHERE_YOU_SAY, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="audit",
        stage=Stage.STORE,
        title="Audit log",
        data="what the program did and when; no name, path or picture",
        code=("audit.folder", "audit.log"),
        paths=("{data}/audit/*", "{data}/audit.lock", "{data}/audit.aside-*"),
        key="not encrypted, signed (Ed25519)",
        kept="{audit.keep_months} months",
        settings=("audit.enabled", "audit.keep_months"),
    ),
    Touchpoint(
        name="audit-exports",
        stage=Stage.EXPORT,
        title="Exports of the log",
        data="entries, checkpoints and proofs",
        code=("audit.archive", "audit.proof", "cli.audit"),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
    ),
)
