"""Therapists in order, and the tables that say how much they differ."""

import re

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.therapists.therapist_effects import (
    EFFECT_COLUMNS,
    therapist_effects,
    therapist_variances,
)
from rupture_outcome.estimates.therapists.therapist_hazards import therapist_hazards
from rupture_outcome.estimates.therapists.therapist_relation import therapist_relation
from rupture_outcome.look.forest import TRUTH
from rupture_outcome.look.look import Look
from rupture_outcome.products.registry import products
from rupture_outcome.products.tables import published
from rupture_outcome.products.therapist_effects import (
    NOT_ONE_BY_ONE,
    PRODUCT,
    alt_text,
    caterpillar,
    shown_one_by_one,
    therapists_table,
    true_span,
)
from rupture_outcome.products.therapist_relation import relation_table
from rupture_outcome.products.therapist_variances import variances_table
from tests.unit.figure_texts import overlapping, texts
from tests.unit.toy_sessions import toy_sessions

EXACT, REAL = Look(simulated=True), Look(threshold=10)
NAMES = ("therapist_effects", "therapist_variances", "therapist_relation")


def frames(rows, look):
    hazards = therapist_hazards(rows, HazardSettings())
    raw = (
        therapist_effects(hazards, 0.95),
        therapist_variances(hazards, "logit", 0.95),
        therapist_relation(hazards, 0.95, "d", "r")[0],
    )
    shown = {
        name: published(products()[name], {"frame": frame}, look)
        for name, frame in zip(NAMES, raw, strict=True)
    }
    return [*shown.values(), look], shown


ROWS = toy_sessions(seed=3, patients=600, therapists=16, base=-2.6).assign(testable=True)
FRAMES, TABLES = frames(ROWS, EXACT)
ROUNDED, ROUNDED_TABLES = frames(ROWS, REAL)
ALONE, ALONE_TABLES = frames(ROWS.assign(therapist_id="x"), EXACT)


@pytest.mark.parametrize("given", [FRAMES, ROUNDED, ALONE])
def test_no_text_overlaps(given):
    assert overlapping(caterpillar(*given)) == []


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


def test_the_true_spread_of_therapists_stands_beside_the_estimated_one():
    true = {"true_values": {"dropout_therapist_sd": 0.69, "repair_therapist_sd": 0.7}}
    look = Look(simulated=True, settings=true)
    figure = caterpillar(*FRAMES[:-1], look)
    words = texts(figure)
    assert words.count("true SD 0.70") == words.count("true SD 0.69") == 1
    greens = [
        [line for line in ax.lines if line.get_color() == TRUTH["color"]] for ax in figure.axes
    ]
    assert [len(lines) for lines in greens] == [0, 2, 2]
    assert overlapping(figure) == []
    assert "True SD" in variances_table(TABLES, look)
    assert "True SD" not in variances_table(TABLES, EXACT)


def test_the_span_of_the_true_sd_is_that_of_the_estimate_where_they_agree():
    """Chances of the table are averaged over sessions, those of the lines shifted: within 2%."""
    for row in FRAMES[1].to_dict("records"):
        ends = row["chance_low"], row["chance_high"]
        assert true_span(row["chance"], row["group_sd"]) == pytest.approx(ends, rel=0.02)


def test_what_is_not_shown_is_said():
    words = " ".join(texts(caterpillar(*ALONE)))
    assert "only one therapist" in words
    assert "not estimable" in words
    assert "no therapist shown" in alt_text(*ALONE)


@pytest.mark.parametrize("tables", [TABLES, ROUNDED_TABLES, ALONE_TABLES])
def test_tables_hold_every_row(tables):
    look = REAL if tables is ROUNDED_TABLES else EXACT
    for name, frame in tables.items():
        html = products()[name].lay_out(tables, look)
        assert html.count('class="gt_row') >= len(frame)
        assert ("Simulated data" in html) == (look is EXACT)
        assert not re.search(r"\bnan\b", html)


def test_tables_say_why_there_is_no_estimate():
    assert "only one therapist" in variances_table(ALONE_TABLES, EXACT)
    assert "not estimable: no estimate for repair" in relation_table(ALONE_TABLES, EXACT)
    assert "misleading" in relation_table(TABLES, EXACT)
    assert "Therapists are not named" in therapists_table(TABLES, EXACT)


def single(patients, events, sessions=None):
    n = len(patients)
    rows = pd.DataFrame(
        {
            "outcome": "dropout",
            "therapist_id": [f"t{i}" for i in range(n)],
            "estimate": np.sort(np.random.default_rng(n).normal(size=n)),
            "patients": patients,
            "events": events,
            "sessions": sessions or [50 * p + 100 for p in patients],
            "reason": "",
        }
    )
    return rows.assign(rank=np.arange(1, n + 1)).reindex(columns=EFFECT_COLUMNS)


def test_therapists_with_few_patients_or_events_are_left_out():
    raw = single([11] * 10 + [10] * 8, [12] * 10 + [30] * 8)
    assert shown_one_by_one(REAL, raw)["therapist_id"].tolist() == [f"t{i}" for i in range(10)]
    raw = single([40] * 30, [12] * 8 + [3] * 14 + [0] * 8)
    assert len(shown_one_by_one(REAL, raw)) == 10
    assert len(shown_one_by_one(EXACT, raw)) == 30


def test_a_number_of_therapists_shown_is_rounded_as_a_count():
    raw = single([40] * 17 + [60], [20] * 18)
    shown = shown_one_by_one(REAL, raw)
    assert shown["rank"].tolist() == list(range(1, 11))
    assert "t17" in shown["therapist_id"].tolist()
    assert shown["estimate"].is_monotonic_increasing


def test_few_therapists_are_not_shown_at_all():
    shown = published(PRODUCT, {"frame": single([40] * 9, [20] * 9)}, REAL)
    assert shown["estimate"].isna().all()
    assert shown["reason"].tolist() == [NOT_ONE_BY_ONE]


def test_no_name_and_no_count_of_single_therapists_is_published():
    shown = published(PRODUCT, {"frame": single([40] * 15, [20] * 15)}, REAL)
    assert not {"therapist_id", "patients", "events", "sessions", "se"} & set(shown)
    exact = published(PRODUCT, {"frame": single([40] * 15, [20] * 15)}, EXACT)
    assert list(exact.columns) == list(shown.columns)
