"""What the paperwork writes, and what a policy of an organisation leaves behind."""

from posture.touchpoint import PLAIN, WHERE_YOU_SAY, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="paperwork",
        stage=Stage.EXPORT,
        title="Paperwork",
        data="records and notices: settings, and what you wrote into the section privacy",
        code=("paperwork.writing", "cli.paperwork"),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
        covers=("paperwork:html", "paperwork:pdf"),
    ),
    Touchpoint(
        name="policy",
        stage=Stage.STORE,
        title="Policy of an organisation",
        data="which settings are locked, and what may be recorded at most; the number of the last one that was seen",
        code=("policy", "cli.policy"),
        paths=("{system}/policy", "{system}/policy.installed", "{data}/policy-seen"),
        key="signed, not secret",
        kept="until an administrator withdraws it",
        readers="everybody on this computer",
        personal=False,
    ),
)
