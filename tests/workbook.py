"""A reader of workbooks that computes their formulas: a second opinion on what a spreadsheet would show."""

import io
import re
import zipfile
from xml.etree import ElementTree

XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Sheet:
    """Values and formulas of one sheet by their place, such as B3."""

    def __init__(self, content, shared=()):
        self.values, self.formulas = {}, {}
        for cell in ElementTree.fromstring(content).iter(f"{XML}c"):
            text = cell.find(f"{XML}v")
            inline = cell.find(f"{XML}is/{XML}t")
            formula = cell.find(f"{XML}f")
            if formula is not None:
                self.formulas[cell.get("r")] = formula.text
            if inline is not None:
                self.values[cell.get("r")] = inline.text
            elif cell.get("t") == "s":
                self.values[cell.get("r")] = shared[int(text.text)]
            elif text is not None and text.text is not None:
                self.values[cell.get("r")] = text.text if cell.get("t") == "str" else float(text.text)


def number(letters):
    """Column of its letters, from 0."""
    result = 0
    for letter in letters:
        result = result * 26 + ord(letter) - 64
    return result - 1


class Book:
    """A workbook that computes its own formulas: the functions that the report uses, and no others."""

    def __init__(self, content):
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = re.findall(r'<sheet name="(\w+)"', archive.read("xl/workbook.xml").decode())
        shared = []
        if "xl/sharedStrings.xml" in archive.namelist():
            root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            shared = ["".join(one.itertext()) for one in root.iter(f"{XML}si")]
        sheets = {name: archive.read(f"xl/worksheets/sheet{i}.xml") for i, name in enumerate(names, 1)}
        self.sheets = {name: Sheet(content, shared) for name, content in sheets.items()}

    def cell(self, sheet, place):
        """The computed value; what is stored with a formula is never looked at."""
        one = self.sheets[sheet]
        return self.compute(sheet, one.formulas[place]) if place in one.formulas else one.values.get(place, "")

    def area(self, sheet, text):
        """Rows of a range."""
        name, _, places = text.rpartition("!")
        start, end = re.findall(r"([A-Z]+)(\d+)", places.replace("$", ""))
        columns = range(number(start[0]), number(end[0]) + 1)
        letters = {
            number(place.rstrip("0123456789")): place.rstrip("0123456789")
            for place in self.sheets[name or sheet].values
        }
        return [
            [self.cell(name or sheet, f"{letters.get(c, 'A')}{r}") if c in letters else "" for c in columns]
            for r in range(int(start[1]), int(end[1]) + 1)
        ]

    def compute(self, sheet, formula):
        areas = []

        def kept(match):
            areas.append(self.area(sheet, match[0]))
            return f"areas[{len(areas) - 1}]"

        text = re.sub(r"(?:\w+!)?\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+", kept, formula.lstrip("="))
        text = re.sub(r"(?<![\w\"\[])([A-Z]{1,2}\d+)(?![\w(])", lambda m: f"cell('{m[1]}')", text)
        text = re.sub(r"\bIF\(", "IF(lambda: ", text)
        scope = {
            "areas": areas, "cell": lambda place: self.cell(sheet, place), "MIN": min, "MAX": max, "ABS": abs,
            "SUM": lambda rows: sum(value for row in rows for value in row if value != ""),
            "INDEX": lambda rows, row, column: rows[int(row) - 1][int(column) - 1],
            "IF": lambda test, yes, no: yes if test() else no,
            "SUMIFS": sumifs,
        }  # fmt: skip
        return eval(text, scope)


def sumifs(values, *conditions):
    pairs = list(zip(conditions[::2], conditions[1::2], strict=True))
    return sum(row[0] for i, row in enumerate(values) if all(column[i][0] == wanted for column, wanted in pairs))
