"""The colours hold what the theme promises, computed anew."""

import itertools

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor

from posture.appearance import WindowSettings
from posture.gui import theme
from posture.gui.theme import CONTRAST, DARK, LIGHT, Theme, Verdict

THEMES = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST}
each = pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES)
VERDICTS = (Verdict.GOOD, Verdict.FAIR, Verdict.POOR)


def luminance(colour):
    """WCAG 2.2, relative luminance."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_knows_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@each
def test_shapes_and_controls_stand_out(colours):
    for verdict in VERDICTS:
        assert contrast(colours.of(verdict), colours.surface) >= 3, verdict
    assert contrast(colours.edge, colours.surface) >= 3
    assert contrast(colours.accent, colours.surface) >= 3


@each
def test_text_is_readable(colours):
    least = 7 if colours is CONTRAST else 4.5
    for text, ground in itertools.product((colours.ink, colours.soft), (colours.surface, colours.ground)):
        assert contrast(text, ground) >= least
    assert contrast(colours.ink, colours.picked) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5


@each
def test_verdicts_differ_without_colour(colours, qapp, monkeypatch):
    monkeypatch.setattr(theme, "_in_force", colours)
    fillings = [theme.brush(verdict) for verdict in VERDICTS]
    patterns = [brush.textureImage() for brush in fillings]
    assert patterns[0].isNull()
    assert not patterns[1].isNull()
    assert patterns[1].size() != patterns[2].size()


@pytest.mark.parametrize(("name", "colours"), THEMES.items())
def test_a_theme_can_be_forced(name, colours):
    assert theme.chosen(name) is colours


def test_the_desktops_scheme_is_followed(qapp):
    assert theme.chosen("system") in THEMES.values()


def test_text_grows_from_the_desktops_size_and_not_from_the_last_one(qapp):
    before, sheet, palette = qapp.font(), qapp.styleSheet(), qapp.palette()
    dress = theme.Theme(qapp)
    try:
        for percent in (200, 200, 100):
            dress.use(WindowSettings(text_scale_percent=percent))
            assert qapp.font().pointSizeF() == pytest.approx(before.pointSizeF() * percent / 100)
    finally:
        qapp.setFont(before)
        qapp.setStyleSheet(sheet)
        qapp.setPalette(palette)


def test_reduced_motion_stops_what_blinks_slides_and_fades(qapp):
    effects = Qt.UIEffect.UI_General, Qt.UIEffect.UI_AnimateCombo
    before_ms, moved = qapp.cursorFlashTime(), [qapp.isEffectEnabled(effect) for effect in effects]
    assert before_ms > 0
    for effect in effects:
        qapp.setEffectEnabled(effect, True)
    try:
        made = Theme(qapp)
        made.use(WindowSettings(reduced_motion=True))
        assert (qapp.cursorFlashTime(), qapp.isEffectEnabled(effects[1]), theme.nothing_moves()) == (0, False, True)
        made.use(WindowSettings())
        assert (qapp.cursorFlashTime(), qapp.isEffectEnabled(effects[1])) == (before_ms, True)
    finally:
        for effect, on in zip(effects, moved, strict=True):
            qapp.setEffectEnabled(effect, on)
