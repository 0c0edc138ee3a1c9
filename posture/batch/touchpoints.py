"""What jobs over many files keep, and what a fleet sends to other machines."""

from posture.touchpoint import PLAIN, WHERE_YOU_SAY, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="jobs",
        stage=Stage.STORE,
        title="Jobs and watched folders",
        data="names of files and figures of their reports; what is in hand",
        code=(
            *("batch.journal", "batch.seen", "batch.workers", "batch.incoming", "batch.running", "resuming"),
            *("batch.manifest", "batch.summary", "batch.moving", "cli.batch", "cli.batch_screen"),
        ),
        paths=("{data}/batch/*", "{data}/watch/*", "{data}/fleet/*"),
        key=PLAIN,
        kept=YOU_DELETE,
    ),
    Touchpoint(
        name="fleet",
        stage=Stage.SYSTEM,
        title="Machines of a fleet",
        data="names and figures of files; with --stream the files",
        code=("batch.fleet", "batch.fleet_link", "batch.fleet_workers", "batch.streaming"),
        where="over the network, if you start one",
        key="TLS 1.3, certificates of your own",
        kept="until the file is done",
        readers="whoever has such a certificate",
    ),
    Touchpoint(
        name="fleet-certificates",
        stage=Stage.EXPORT,
        title="Certificates of a fleet",
        data="names of machines and their keys",
        code=("batch.certificates",),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
        personal=False,
    ),
)
