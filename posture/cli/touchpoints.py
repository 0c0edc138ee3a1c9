"""Every touchpoint of the program: what each room declares, and what the command line itself reads and writes."""

from posture.audit.touchpoints import TOUCHPOINTS as OF_AUDIT
from posture.batch.touchpoints import TOUCHPOINTS as OF_BATCH
from posture.gui.touchpoints import TOUCHPOINTS as OF_GUI
from posture.interchange.touchpoints import TOUCHPOINTS as OF_INTERCHANGE
from posture.live.touchpoints import TOUCHPOINTS as OF_LIVE
from posture.paperwork.touchpoints import TOUCHPOINTS as OF_PAPERWORK
from posture.pose.touchpoints import TOUCHPOINTS as OF_POSE
from posture.ranking.touchpoints import TOUCHPOINTS as OF_RANKING
from posture.redaction.touchpoints import TOUCHPOINTS as OF_REDACTION
from posture.reports.touchpoints import TOUCHPOINTS as OF_REPORTS
from posture.rights.touchpoints import TOUCHPOINTS as OF_RIGHTS
from posture.scrubbing.touchpoints import TOUCHPOINTS as OF_SCRUBBING
from posture.sinks.touchpoints import TOUCHPOINTS as OF_SINKS
from posture.sources.touchpoints import TOUCHPOINTS as OF_SOURCES
from posture.touchpoint import IN_MEMORY, PLAIN, WHERE_YOU_SAY, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint
from posture.vault.touchpoints import TOUCHPOINTS as OF_VAULT

OWN = (
    Touchpoint(
        name="typed",
        stage=Stage.SOURCE,
        title="What you type",
        data="passphrases, facts about a task, what you call a camera",
        code=("cli.opening", "ergonomics.task"),
        where="keyboard, or a file that you name",
        key=IN_MEMORY,
        kept="until it was used",
        readers="this program",
    ),
    Touchpoint(
        name="settings",
        stage=Stage.STORE,
        title="Settings",
        data="what differs from the defaults; folders, name of the camera",
        code=("config", "cli.config", "gui.settings_file"),
        paths=("{config}", "{config}.bak*"),
        key=PLAIN,
        kept=YOU_DELETE,
        settings=(
            "privacy.controller", "privacy.representative", "privacy.dpo", "privacy.contact", "privacy.location",
            "privacy.people", "privacy.legal_basis", "privacy.authority", "privacy.notice_url", "privacy.purpose_text",
        ),
    ),
    Touchpoint(
        name="policy",
        stage=Stage.STORE,
        title="Policy of your organisation",
        data="which settings are locked and what may be recorded",
        code=("policy",),
        paths=("{system}/policy", "{system}/policy.installed", "{data}/policy-seen"),
        key="not encrypted, signed (Ed25519)",
        kept="until an administrator removes it",
        readers="everybody",
        personal=False,
    ),
    Touchpoint(
        name="signed-policy",
        stage=Stage.EXPORT,
        title="Signed policies",
        data="made by `posture privacy policy sign` for other computers, and the key that signs them",
        code=("cli.policy", "cli.signing"),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        personal=False,
    ),
    Touchpoint(
        name="half-written",
        stage=Stage.STORE,
        title="Half-written files",
        data="parts of a file, beside it, until it is whole",
        code=("output", "interchange.writing", "reports.xlsx"),
        where="beside each file that is written",
        key="as the file",
        kept="until the file is whole; after a crash until the next run",
        personal=False,
    ),
    Touchpoint(
        name="terminal",
        stage=Stage.SYSTEM,
        title="Terminal and pipes",
        data="results, states and times that a verb prints",
        code=("cli.screen", "live.lines"),
        where="stdout and stderr",
        key=PLAIN,
        kept="as the terminal keeps it",
        readers="who sees the terminal",
    ),
    Touchpoint(
        name="programs",
        stage=Stage.SYSTEM,
        title="Programs that it starts",
        data="your editor, a browser or viewer with a report; without network",
        code=("cli.config", "gui.live_page", "privacy.guard"),
        where="this computer",
        key=PLAIN,
        kept="as that program keeps it",
        readers="that program",
    ),
    Touchpoint(
        name="swap",
        stage=Stage.SYSTEM,
        title="Swap and hibernation",
        data="parts of memory that the system moves to the disk",
        code=("vault.memory",),
        where="operating system",
        key="only if you encrypt the disk",
        kept="as the system keeps it",
        readers="administrators",
    ),
    Touchpoint(
        name="support",
        stage=Stage.EXPORT,
        title="Text for a bug report",
        data="versions and states, without path, user or host",
        code=("cli.doctor", "doctor"),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
        personal=False,
    ),
    Touchpoint(
        name="flow-map",
        stage=Stage.EXPORT,
        title="This map",
        data="what stands here: places and numbers of files, no content",
        code=("cli.privacy", "gui.privacy.page"),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
        personal=False,
    ),
    Touchpoint(
        name="benchmark",
        stage=Stage.STORE,
        title="Files of a benchmark",
        data="the demo as a video, while `posture bench` runs",
        code=("cli.bench", "bench.runs", "bench.live", "bench.clips", "sources.clipwriter", "gui.paint_bench"),
        paths=("{temporary}/posture-bench-*",),
        key=PLAIN,
        kept="until the benchmark ends",
        personal=False,
    ),
)  # fmt: skip

TOUCHPOINTS: tuple[Touchpoint, ...] = (
    *OF_SOURCES, *OF_INTERCHANGE, *OF_POSE, *OF_LIVE, *OF_SINKS, *OF_VAULT, *OF_AUDIT, *OF_REPORTS, *OF_REDACTION,
    *OF_SCRUBBING,
    *OF_RIGHTS, *OF_PAPERWORK, *OF_BATCH, *OF_GUI, *OWN,
    *OF_RANKING,
)  # fmt: skip
