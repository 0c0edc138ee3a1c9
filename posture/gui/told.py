"""Sentences of other rooms in the language of the window: of recorder, vault and files, as they come with errors.

Those rooms know no language, and an error of theirs is an English sentence with names in it. The few that people meet
are listed here with their places for names; anything else stays as it is. A test finds each in the code that says it.
"""

from posture.gui.words import mark, tr
from posture.live.clerk import said
from posture.sentences import translated

SENTENCES = (
    mark("{folder} does not answer; nothing is recorded any more"),
    mark("{folder} does not answer; the recording goes on in {other}"),
    mark("the last {seconds} s could not be written to {folder}: it does not answer"),
    mark("the recording stopped: {why}"),
    mark("the disk of {folder} is as good as full: free some space, or {advice}"),
    mark("the recordings in {folder} have reached recorder.most_gib; delete some, or allow more"),
    mark("cannot delete {path}; {advice}"),
    mark("cannot read {path}: {why}; {advice}"),
    mark("cannot write {path}: {why}; {advice}"),
    mark("no room to write {path}: free some space, or {advice}"),
    mark("{path} is already there; {advice}"),
    mark("no key of this vault opens {path}, so it cannot be kept for longer"),
    mark("{path} is still being recorded: stop the recording first, or wait a minute"),
    mark("there is no key for {what} of {day} in {folder}: {advice}"),
    mark("unlock the vault once (`posture keys refill`), which makes keys for 35 days"),
    mark("the vault is locked again: unlock it first"),
    mark("another program changed the keys or the passphrase: lock the vault and unlock again"),
    mark("not one second of this recording can be read"),
    mark("the recording ends while it is read"),
    mark("the keyring of the system does not open the vault: is it unlocked? The passphrase opens it too"),
    mark("check the permissions of its folder"),
    mark(
        "policy {serial} was in force on this computer and {file} is gone, so nothing runs that it would bind: {ask}; "
        "they put it back, or withdraw it (`posture privacy policy remove`)"
    ),
    mark(
        "{file} holds policy {serial}, and policy {newest} was in force here already: {ask}; a policy only ever gives "
        "way to one with a higher number"
    ),
    mark("{file} is no policy that counts here: {why}; {ask}"),
    mark("{file} is no policy: {why}; {ask}"),
    mark("signed by {names}, none of which is trusted here"),
    mark("the signature of {name} is wrong: the text was changed after it was signed"),
    mark("ask whoever administers this computer"),
    mark("choose another folder (vault.folder)"),
    mark("{path} cannot be read: {why}; fix it, or run `posture config reset`"),
    mark("{path} cannot be moved to {copy}: {why}"),
    mark("unknown setting {name}: {hint}"),
    mark("did you mean {near}?"),
    mark("known are {names}"),
    mark("setting {name} = {value}: {why}"),
    mark(
        "{file} has the SHA-256 {found}, which is not one that you gave; compare it with what you were told, and add "
        "the folder only if it is the same"
    ),
)
WORDS = (mark("recordings"), mark("the history"))
"""What a sentence may name that is no name."""


def in_words(text: str) -> str:
    """`text` in the language of the window, where it is a sentence of `SENTENCES`; the parts of it, too."""
    return translated(text, (*SENTENCES, *WORDS), tr)


def of(error: BaseException) -> str:
    """What a person reads of `error`."""
    return in_words(said(error))
