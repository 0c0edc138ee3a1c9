"""Documents say what holds, mark what only people know, and are the same in both languages."""

import dataclasses
import io
import re
import tomllib
from datetime import date
from importlib import resources

import cv2
import numpy as np
import pypdf
import pypdfium2
import pytest

from posture import config, paperwork
from posture.paperwork.document import Text
from posture.paperwork.facts import Facts, Locking, Model
from posture.paperwork.writing import FORMATS
from posture.policy import Caps, InForce, Policy
from posture.signed_note import PublicKey

MODELS = (Model("pose_landmark_full", "points", "ab" * 32), Model("odd_{name}", "", "cd" * 32))
TOLD = {
    "privacy.controller": "Muster & Söhne <GmbH>", "privacy.dpo": "dpo@example.org", "privacy.contact": "Frau Weber",
    "privacy.purpose": "risk-assessment", "privacy.legal_basis": "Art. 6", "privacy.authority": "LfDI",
    "vault.keep_days": 2, "live.history_days": 14, "recorder.content": "faces-blurred",
}  # fmt: skip
BOTH = pytest.mark.parametrize("language", paperwork.LANGUAGES)
EACH = pytest.mark.parametrize("name", paperwork.NAMES)


def facts(told=TOLD, **changes):
    settings = config.load(told, environment={})
    plain = Facts(
        settings=settings, day=date(2026, 11, 28), version="1.2", models=MODELS, has_vault=True, keyring=False,
        readers=(), held=0, synchronised="", network_closed=True,
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)


def words(value):
    """Every text of a document in its order."""
    if isinstance(value, Text):
        yield "".join(run.text for run in value.runs) or f"[{value.blank}]"
    elif isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from words(one)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from words(getattr(value, field.name))


def said(name, language="en", about=None):
    return "\n".join(words(paperwork.document(name, language, about or facts())))


def shape(tree):
    """What both languages have to have alike: keys, numbers of rows, flags, values and code."""
    if isinstance(tree, dict):
        return {key: shape(below) for key, below in tree.items() if key not in ("en", "de")}
    if isinstance(tree, list):
        return [shape(below) for below in tree]
    if isinstance(tree, str):
        asked = re.findall(r"\{\?([a-z_-]+):", tree)
        code = [part for part in re.findall(r"`([^`]+)`", tree) if "." in part or part.islower()]
        return asked, re.findall(r"^@!?[a-z_]+", tree), code
    return tree


@pytest.mark.parametrize("file", ["shared", *paperwork.NAMES])
def test_both_languages_have_the_same_shape(file):
    def texts(language):
        where = resources.files("posture.paperwork").joinpath("words", language, f"{file}.toml")
        return tomllib.loads(where.read_text("utf-8"))

    assert shape(texts("en")) == shape(texts("de"))


@EACH
@BOTH
@pytest.mark.parametrize("has_vault", [True, False])
def test_every_place_is_filled(name, language, has_vault):
    text = said(name, language, facts(has_vault=has_vault, readers=("Zweitgerät",), synchronised="Dropbox"))
    assert not re.search(r"[{}]|@[a-z!]", text.replace("odd_{name}", "").replace("dpo@example", ""))
    assert "lawyer" in text or "anwaltlich" in text


@EACH
@BOTH
def test_a_pdf_is_tagged_and_holds_the_words(name, language):
    about = facts()
    made = FORMATS["pdf"](paperwork.document(name, language, about))
    reader = pypdf.PdfReader(io.BytesIO(made))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == language
    assert b"pdfuaid" in made
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "posture 1.2" in text
    assert made == FORMATS["pdf"](paperwork.document(name, language, about)), "the same bytes"


@EACH
@BOTH
def test_html_runs_and_loads_nothing(name, language):
    made = FORMATS["html"](paperwork.document(name, language, facts())).decode()
    assert f'lang="{language}"' in made
    assert "default-src 'none'" in made
    assert not re.search(r"<script|\son\w+=|\ssrc=|\shref=|\sstyle=", made)
    if name != "dpia":
        assert "Muster &amp; Söhne &lt;GmbH&gt;" in made
    assert "<GmbH>" not in made


def test_what_the_settings_say_stands_in_it():
    text = said("retention")
    assert "48 to 72 hours" in text
    assert "14 days" in text
    longer = said("retention", about=facts(TOLD | {"vault.keep_days": 9}))
    assert "216 to 240 hours" in longer
    assert "48 to 72" not in longer, "negative control"


def test_what_nobody_told_is_a_field_and_what_was_told_is_not():
    empty, full = said("art30", about=facts({})), said("art30")
    assert "[name and address of the controller]" in empty
    assert "[name and address of the controller]" not in full
    assert "Muster & Söhne" in full
    assert "[names, or “none”]" in full, "what the program has no setting for stays a field"


def test_models_stand_there_with_their_hash():
    text = said("art30")
    assert "ab" * 32 in text
    assert "odd_{name}" in text


def test_what_is_not_so_is_not_said():
    assert "Dropbox" in said("art30", about=facts(synchronised="Dropbox"))
    assert "copies the folder" not in said("art30")
    assert "Zweitgerät" in said("works-council", about=facts(readers=("Zweitgerät",)))
    assert "not encrypted, because there is no vault" in said("art30", about=facts(has_vault=False))
    assert "AES-256-GCM" not in said("art30", about=facts(has_vault=False))
    assert "recording is not possible here" in said("art30", about=facts(TOLD | {"recorder.allowed": False}))
    assert "tried just now" not in said("dpia", about=facts(network_closed=False))


def test_places_outside_that_were_declared_are_recipients():
    there = {"name": "Backup {x}", "receives": "recordings", "how": "at night", "kept": "30 days", "readers": "the IT"}
    text = said("art30", about=facts(TOLD | {"flow.declared": [there]}))
    assert "Backup {x}" in text
    assert "receives recordings (at night), kept 30 days, read by the IT" in text
    assert "Declared by the user" not in said("art30"), "negative control"
    for name in ("notice", "consent"):
        about = facts(TOLD | {"flow.declared": [there | {"name": "Backup"}]})
        assert "Backup. The program itself sends nothing." in said(name, about=about)
        assert "Nothing leaves this computer" not in said(name, about=about)
        assert "Nothing leaves this computer" in said(name), "negative control"


def works_council_rules():
    """A policy that says something in each way that one can."""
    caps = Caps(keep_days=2, content="background-removed", purposes=("own-posture", "training"))
    rules = Policy(serial=3, issuer="x", issued=date.min, expires=date.max, cap=caps, lock={"audit.enabled": True})
    limits = {limit.key: limit for limit in InForce(rules, PublicKey("x", bytes(32)), "", False).limits()}
    return Locking("Works council", 3, "ab12cd34", date(2027, 11, 28), limits)


def test_a_policy_is_named_and_its_locks_are_marked():
    text = said("works-council", about=facts(policy=works_council_rules()))
    assert "Policy number 3 of Works council" in text
    assert "vault.keep_days\n2\nat most 2\n" in text
    assert "vault.keep_days\n2\nno\n" in said("works-council"), "negative control"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("at most 2", "at most background-removed", "one of own-posture, training", "nothing but yes")),
        ("de", ("höchstens 2", "höchstens background-removed", "eines von own-posture, training", "nur ja")),
    ],
)
def test_what_a_policy_allows_is_said_in_the_language_of_the_paper(language, words):
    text = said("works-council", language, about=facts(policy=works_council_rules()))
    assert [word for word in words if f"\n{word}\n" not in text] == []
    assert ("nothing but" in text) == (language == "en")


def test_no_ranking_and_groups_of_five():
    for language, five, ranking in (("en", "k ≥ 5", "No individual ranking"), ("de", "k ≥ 5", "Keine Rangfolge")):
        text = said("works-council", language)
        assert five in text
        assert ranking in text


def decoded(told, language):
    document = paperwork.document("notice", language, facts(told))
    page = pypdfium2.PdfDocument(FORMATS["pdf"](document))[0]
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(np.array(page.render(scale=4).to_pil()))
    return text


@BOTH
def test_the_code_on_the_notice_can_be_read(language):
    text = decoded(TOLD, language)
    assert "Muster & Söhne <GmbH>" in text
    assert len(text.encode()) <= 750
    assert (
        decoded(TOLD | {"privacy.notice_url": "https://example.org/camera"}, language) == "https://example.org/camera"
    )


@BOTH
def test_a_notice_is_one_sheet(language):
    told = TOLD | {
        "privacy.controller": "Muster GmbH, " * 6,
        "privacy.legal_basis": "Art. 6 Abs. 1 Buchst. a DSGVO, " * 4,
    }
    made = FORMATS["pdf"](paperwork.document("notice", language, facts(told)))
    assert len(pypdf.PdfReader(io.BytesIO(made)).pages) == 1


def test_a_long_notice_is_cut_at_a_whole_letter_and_marked():
    text = decoded(TOLD | {"privacy.legal_basis": "ö" * 700}, "de")
    assert text.endswith(" …")
    assert len(text.encode()) <= 750


def test_facts_of_this_computer_are_collected_without_a_passphrase(tmp_path):
    from posture.vault.store import Vault

    about = paperwork.collected(config.load({}, environment={}), Vault(tmp_path / "vault"), date(2026, 11, 28))
    assert not about.has_vault
    assert {model.name for model in about.models} >= {"pose_landmark_full", "pose_detection"}
    assert all(re.fullmatch("[0-9a-f]{64}", model.sha256) for model in about.models)
    text = said("art30", "de", dataclasses.replace(facts(), models=about.models))
    assert "findet Menschen im Bild" in text
