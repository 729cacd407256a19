"""Recovery as the cut-off moves, by hand and as the study's own cut-off has it."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.disclosure import protect
from rupture_outcome.estimates.failure.cutoffs import FailureSettings
from rupture_outcome.estimates.failure.end_status import end_status
from rupture_outcome.estimates.failure.failure_cutoffs import (
    CUTOFF_COLUMNS,
    cutoffs_tried,
    failure_cutoffs,
)
from rupture_outcome.look.look import Look
from rupture_outcome.pages.sentences.failure import NOBODY, cutoff_sentence
from rupture_outcome.products.failure_cutoffs import PRODUCT, cutoffs_table
from tests.unit.estimates.failure.test_end_status import PHQ9, study
from tests.unit.estimates.failure.test_failure_effects import PHQ9 as WIDE
from tests.unit.estimates.failure.test_failure_effects import PRIMARY, world


def swept(followed, sessions, patients, tried, instrument=PHQ9):
    status = end_status(followed, sessions, patients, {"p": instrument}, FailureSettings())
    return failure_cutoffs(followed, status, tried, -1)


def row(frame, cut, level="all"):
    match = frame["cutoff"].eq(cut) & frame["level"].eq(level)
    return frame[match & frame["end_point"].eq("last_rating")].iloc[0]


def test_by_hand():
    """Judged are 20 to 9, 16 to 11, 14 to 12, 8 to 14, 12 to 18; the first two reliably better."""
    found = swept(*study(), [9, 10, 12, 16])
    assert tuple(found.columns) == CUTOFF_COLUMNS
    counts = {cut: row(found, cut)[["clinical", "recovered"]].tolist() for cut in (9, 10, 12, 16)}
    assert counts == {9: [4, 0], 10: [4, 1], 12: [3, 2], 16: [1, 1]}
    assert row(found, 12)["share"] == pytest.approx(2 / 3)


def test_at_the_study_s_own_cutoff_it_is_its_own_count():
    rows, scored = world(120)
    people = pd.DataFrame({"patient_id": scored["patient_id"].unique()})
    status = end_status(rows, scored, people, {"p": WIDE}, FailureSettings())
    found = failure_cutoffs(rows, status, [20.0], -1)
    own = status[status["end_point"].eq("last_rating")]
    assert row(found, 20)["recovered"] == own["status"].eq("recovered").sum()
    states = [row(found, 20, state)["recovered"] for state in ("intact", "unrepaired", "repaired")]
    assert sum(states) == row(found, 20)["recovered"]


def test_cutoffs_fit_the_scale():
    first = pd.Series([14.0, 18.0])
    assert cutoffs_tried(first, 10, (0, 27)) == list(range(5, 16))
    assert cutoffs_tried(first, None, (0, 27))[5] == 16
    assert cutoffs_tried(first, 2, (0, 27))[0] == 1
    assert cutoffs_tried(first, 63, (0, 180))[:2] == [43, 47]
    assert np.diff(cutoffs_tried(pd.Series([2.0]), 2.0, (0, 4))) == pytest.approx(0.2)
    assert cutoffs_tried(first * np.nan, 10, (0, 27)) == []


def test_what_is_laid_out_and_said():
    raw = swept(*study(), [9, 10, 12])
    for threshold in (0, 10):
        table = protect(raw, PRODUCT.columns, threshold)
        html = cutoffs_table({"failure_cutoffs": table}, Look(threshold=threshold, primary=PRIMARY))
        assert "Recovery as the cut-off moves" in html
        said = cutoff_sentence(table, 12)
        assert ("**2** of them (67%)" in said) == (threshold == 0)
        assert ("**≤10** of them (–)" in said) == (threshold == 10)
        assert cutoff_sentence(table, 7) == "Choose one of these cut-offs: 9, 10, 12."
    assert cutoff_sentence(raw.iloc[:0], 12) == NOBODY
