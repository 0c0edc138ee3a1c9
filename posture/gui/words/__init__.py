"""The words of the window in the language of the person: `tr("Start")`.

The English text is the key; `de.toml` beside this module holds the German one. Qt's own dialogs come from the
catalogues that PyQt6 carries. A test finds every text in the code and fails where German lacks it.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PyQt6.QtGui import QGuiApplication

from posture.appearance import LanguageName

LANGUAGES = ("en", "de")
_CONTEXT = "posture"


def mark(text: str) -> str:
    """`text` as it is, to be given to `tr` later: for tables of words that are made at import."""
    return text


def tr(text: str, **values: object) -> str:
    """`text` in the language of the window, with `values` in the places of its {names}."""
    translated = QCoreApplication.translate(_CONTEXT, text)
    return translated.format(**values) if values else translated


def number(value: float, decimals: int = 0) -> str:
    """A number as the language writes it; a dash for NaN."""
    if value != value:
        return "–"
    return QLocale().toString(round(value, decimals) + 0.0, "f", decimals).replace("-", "−")


def duration(seconds: float) -> str:
    """A length of time in the unit that says most: 40 s, 12 min, 1 h 05 min."""
    if seconds != seconds:
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return tr("{seconds} s", seconds=whole)
    minutes = whole // 60
    if minutes < 60:
        return tr("{minutes} min", minutes=minutes)
    return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def language_of(wanted: LanguageName) -> str:
    """The language to use: the wanted one, or that of the desktop where it is known here, else English."""
    if wanted != "system":
        return wanted
    system = QLocale.system().name().partition("_")[0]
    return system if system in LANGUAGES else "en"


class Language:
    """The language that is in force, and the translators that hold it. One belongs to the application."""

    def __init__(self, application: QGuiApplication) -> None:
        self._application = application
        self._translators: list[QTranslator] = []
        self.name = "en"

    def use(self, name: str) -> None:
        """Switch to `name`, one of `LANGUAGES`; texts that are asked for from now on are in it."""
        for translator in self._translators:
            self._application.removeTranslator(translator)
        self._translators = []
        self.name = name
        locale = QLocale.system() if QLocale.system().name().startswith(name) else QLocale(name)
        QLocale.setDefault(locale)
        if name == "en":
            return
        dialogs = QTranslator()
        dialogs.load(f"qtbase_{name}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        for translator in (dialogs, Catalogue(name)):
            self._application.installTranslator(translator)
            self._translators.append(translator)


class Catalogue(QTranslator):
    """A translator over one of the TOML catalogues; Qt's own format cannot be compiled with what PyQt6 carries."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._texts: dict[str, str] = catalogue(language)["text"]

    def translate(  # type: ignore[override]  # None is what Qt calls a null string
        self, context: str | None, source: str | None, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """See QTranslator: None where the text is not ours or not known."""
        return self._texts.get(source or "") if context == _CONTEXT else None

    def isEmpty(self) -> bool:
        """See QTranslator; an empty one is never installed."""
        return not self._texts


@cache
def catalogue(language: str) -> dict[str, Any]:
    """The file of one language: `text` from English, `setting` from key paths to label and help."""
    return tomllib.loads(resources.files(__name__).joinpath(f"{language}.toml").read_text("utf-8"))
