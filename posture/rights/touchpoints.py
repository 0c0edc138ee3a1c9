"""What is kept of agreements, and what a copy and an erasure write."""

from posture.touchpoint import PLAIN, WHERE_YOU_SAY, WHOEVER_HAS_IT, YOU_DELETE, Stage, Touchpoint

TOUCHPOINTS = (
    Touchpoint(
        name="consents",
        stage=Stage.STORE,
        title="Consents and notices",
        data="who agreed or was told, under an alias; which paper, for what",
        code=("rights.consents",),
        paths=("{data}/consents.json",),
        key="AES-256-GCM, a key a note; without a vault not encrypted",
        kept="3 years, or until it is erased",
        readers="whoever opens the vault",
        settings=("privacy.purpose",),
    ),
    Touchpoint(
        name="erasing",
        stage=Stage.STORE,
        title="Plan of an erasure",
        data="which files and keys still have to go",
        code=("rights.erasure",),
        paths=("{data}/erasure.json",),
        key=PLAIN,
        kept="until everything in it is gone",
        personal=False,
    ),
    Touchpoint(
        name="my-data",
        stage=Stage.EXPORT,
        title="Copy of my data",
        data="all that is kept about you, in open formats",
        code=("rights.access", "rights.index_page"),
        where=WHERE_YOU_SAY,
        key=PLAIN,
        kept=YOU_DELETE,
        readers=WHOEVER_HAS_IT,
    ),
)
