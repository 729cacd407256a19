"""Therapists in order, and the tables that say how much they differ."""

import re

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.therapists.therapist_effects import (
    therapist_effects,
    therapist_variances,
)
from rupture_outcome.estimates.therapists.therapist_hazards import therapist_hazards
from rupture_outcome.estimates.therapists.therapist_relation import therapist_relation
from rupture_outcome.figures.therapist_effects import alt_text, caterpillar
from rupture_outcome.publishable.therapists import (
    publishable_therapist_table,
    publishable_therapists,
)
from rupture_outcome.tables.therapist_effects import (
    relation_table,
    therapists_table,
    variances_table,
)
from tests.unit.figures.figure_texts import overlapping, texts
from tests.unit.toy_sessions import toy_sessions


def published(rows, threshold=10, full=True):
    hazards = therapist_hazards(rows, HazardSettings())
    effects = publishable_therapists(therapist_effects(hazards, 0.95), threshold, full=full)
    variances = publishable_therapist_table(therapist_variances(hazards, "logit", 0.95), threshold)
    relation, _ = therapist_relation(hazards, 0.95, "d", "r")
    return effects, variances, publishable_therapist_table(relation, threshold)


ROWS = toy_sessions(seed=3, patients=600, therapists=16, base=-2.6).assign(testable=True)
FRAMES = published(ROWS)
NOBODY = published(ROWS, full=False)
ALONE = published(ROWS.assign(therapist_id="x"))


@pytest.mark.parametrize("frames", [FRAMES, NOBODY, ALONE])
def test_no_text_overlaps(frames):
    assert overlapping(caterpillar(*frames, simulated=True)) == []


def test_every_shown_therapist_is_a_point():
    effects = FRAMES[0]
    figure = caterpillar(*FRAMES)
    for ax, outcome in zip(figure.axes, ("rupture", "repair", "dropout"), strict=True):
        points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
        shown = effects[effects["outcome"].eq(outcome)]["chance"]
        np.testing.assert_allclose(points, 100 * shown.dropna())
        assert outcome != "dropout" or len(points) == 16


def test_panels_say_how_much_therapists_differ():
    shown = " ".join(texts(caterpillar(*FRAMES)))
    sd = FRAMES[1].set_index("outcome").loc["dropout", "group_sd"]
    assert f"SD in log odds {sd:.2f} [" in shown
    assert "12.6%" in shown
    assert f"SD {sd:.2f} [" in alt_text(*FRAMES)


def test_what_is_not_shown_is_said():
    words = " ".join(texts(caterpillar(*ALONE)))
    assert "only one therapist" in words
    assert "not estimable" in words
    assert "no therapist shown" in alt_text(*ALONE)


@pytest.mark.parametrize("frames", [FRAMES, NOBODY, ALONE])
def test_tables_hold_every_row(frames, tmp_path):
    lay = [therapists_table, variances_table, relation_table]
    for frame, table in zip(frames, lay, strict=True):
        frame.to_csv(tmp_path / "t.csv", index=False)
        back = pd.read_csv(tmp_path / "t.csv")
        html = table(back, simulated=True)
        assert html.count('class="gt_row') >= len(frame)
        assert "Simulated data" in html
        assert not re.search(r"\bnan\b", html)


def test_tables_say_why_there_is_no_estimate():
    assert "only one therapist" in variances_table(ALONE[1])
    assert "not estimable: no estimate for repair" in relation_table(ALONE[2])
    assert "misleading" in relation_table(FRAMES[2])
