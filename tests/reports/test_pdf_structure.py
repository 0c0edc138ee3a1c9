"""What PDF/UA-1 (ISO 14289-1) asks of the tags, read with another library than the one that wrote them."""

import io
import re
from itertools import pairwise

import pytest
from pypdf import PdfReader

from posture.reports import FORMATS, summarise

ROWS_ALONE = "a table of names and values: its first column heads the rows, and typst's binding cannot tag that yet"


def tags(node):
    """Every tagged element below a node, in the order of reading."""
    node = node.get_object()
    if isinstance(node, list):
        for below in node:
            yield from tags(below)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from tags(node["/K"])


@pytest.fixture(scope="module", params=["en", "de"])
def document(request, make):
    """A report with everything in it, in both languages, and its tags."""
    table = make.filled(list(make.desk_session(seconds=150)))
    summary = summarise(table, make.provenance(language=request.param, label="Line 4", damage=make.DAMAGED))
    out = io.BytesIO()
    FORMATS["pdf"].write(summary, table.rows(), out)
    reader = PdfReader(out)
    return request.param, reader, list(tags(reader.trailer["/Root"]["/StructTreeRoot"]["/K"]))


def test_it_says_what_it_is_and_in_which_language(document):
    language, reader, _ = document
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]  # a reader announces the title, not the name of the file
    assert reader.metadata["/Title"] == "Line 4"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()


def test_headings_begin_with_one_title_and_skip_no_level(document):
    levels = [int(tag["/S"][2:]) for tag in document[2] if re.fullmatch(r"/H\d", tag["/S"])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_figure_is_told_in_words(document):
    figures = [tag for tag in document[2] if tag["/S"] == "/Figure"]
    assert len(figures) > 20
    assert all(re.search(r"\w{3}", tag.get("/Alt", "")) for tag in figures)


def test_tables_have_heads_that_say_what_they_head(document):
    tables = [tag for tag in document[2] if tag["/S"] == "/Table"]
    assert len(tables) > 10
    for table in tables:
        cells = [[cell for cell in tags(row["/K"]) if cell["/S"] in ("/TH", "/TD")]
                 for row in tags(table["/K"]) if row["/S"] == "/TR"]  # fmt: skip
        heads = [cell for row in cells for cell in row if cell["/S"] == "/TH"]
        assert heads or {len(row) for row in cells} == {2}, ROWS_ALONE
        assert all(any(one.get("/Scope") == "/Column" for one in head["/A"]) for head in heads)


def test_pages_are_read_in_the_order_of_their_tags(document):
    assert all(page["/Tabs"] == "/S" for page in document[1].pages)
    assert all("/StructParents" in page for page in document[1].pages)
