"""Recognised ruptures, as they are laid out, drawn and said."""

import pandas as pd
import pytest

from rupture_outcome.disclosure import protect
from rupture_outcome.estimates.recognition.recognition import recognition
from rupture_outcome.look.look import Look
from rupture_outcome.pages.sentences.recognition import recognition_sentence
from rupture_outcome.products.recognition import (
    NOTHING,
    PRODUCT,
    draw_recognition,
    recognition_table,
    shown_pairs,
)
from tests.unit.estimates.recognition.test_recognition import sessions_of, verdicts
from tests.unit.figure_texts import overlapping

PRIMARY = {"definition": "psq_patient", "repair_rule": "psq_resolved"}
LOOK = Look(primary=PRIMARY)
CARD = {"models": {"confidence": 0.95}, "primary": PRIMARY}
REPORTERS = {"drop_rci": "patient", "psq_patient": "patient", "psq_therapist": "therapist"}


def study(often: int = 4) -> pd.DataFrame:
    course = {"psq_patient": [1, 1, 0, 0, 1], "psq_therapist": [1, 0, 0, 1, 1]}
    return verdicts(**{f"p{k}": course | {"drop_rci": [None, 0, 1, 0, 0]} for k in range(often)})


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    ruptures = study()
    therapists = {f"p{k}": f"t{k % 2}" for k in range(4)}
    return recognition(ruptures, sessions_of(ruptures, therapists), REPORTERS, 0.95)


def published(raw: pd.DataFrame, threshold: int = 0) -> pd.DataFrame:
    return protect(raw, PRODUCT.columns, threshold)


def test_each_reporter_has_one_definition_the_main_one_first(raw):
    shown = shown_pairs(published(raw), LOOK)
    assert set(shown["definition"]) == {"psq_patient", "psq_therapist"}
    assert len(shown) == 6


def test_the_figure_shows_every_lag_and_the_text_the_same_session(raw):
    drawing = draw_recognition({"recognition": published(raw)}, LOOK)
    assert overlapping(drawing.figure) == []
    assert "ruptures by the patient seen by the therapist: 67%" in drawing.alt
    (axes,) = drawing.figure.axes
    assert sum(len(line.get_xdata()) == 1 for line in axes.lines) == 6


def test_the_table_has_a_row_a_pair_and_lag(raw):
    shown = recognition_table({"recognition": published(raw)}, LOOK)
    assert shown.count("Session before") == 4
    assert "Of the ruptures that the patient reports, those that the therapist sees" in shown


def test_the_sentence_gives_the_share_beside_chance(raw):
    said = recognition_sentence(published(raw), CARD)
    assert "of 12 ruptures the therapist saw 67%" in said
    assert "where 60% would be by chance" in said


def test_few_ruptures_are_not_told(raw):
    ruptures = study(1)
    few = recognition(ruptures, sessions_of(ruptures), REPORTERS, 0.95)
    shown = published(few, 10)
    assert shown["ruptures"].le(0).all()
    assert shown["share"].isna().all()
    assert "too few" in recognition_sentence(shown, CARD)
    assert (
        draw_recognition({"recognition": shown}, Look(primary=PRIMARY, threshold=10)).alt == NOTHING
    )
