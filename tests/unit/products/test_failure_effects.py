"""Failure by the state of ruptures, as it is laid out, drawn and said."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.disclosure import protect
from rupture_outcome.engine.reliable_change import METHODS
from rupture_outcome.estimates.failure.cutoffs import FailureSettings
from rupture_outcome.estimates.failure.end_status import end_status
from rupture_outcome.estimates.failure.failure_effects import failure_effects
from rupture_outcome.estimates.failure.failure_flow import failure_flow
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import NAMES
from rupture_outcome.pages.sentences.failure import (
    NOBODY,
    failure_sentence,
    flow_of_failure_sentence,
    not_judged_sentence,
)
from rupture_outcome.products import failure_effects as effects_product
from rupture_outcome.products import failure_flow as flow_product
from tests.unit.estimates.failure.test_failure_effects import PHQ9, PRIMARY, SETTINGS, world

LOOK = Look(primary=PRIMARY, settings={"failure": {"method": "JT"}})
CARD = {"models": {"confidence": 0.95}, "clock": "attended"}
PRODUCTS = {one.PRODUCT.name: one.PRODUCT for one in (effects_product, flow_product)}


@pytest.fixture(scope="module")
def raw():
    rows, scored = world(180)
    people = pd.DataFrame({"patient_id": scored["patient_id"].unique()})
    status = end_status(rows, scored, people, {"p": PHQ9}, FailureSettings(), METHODS)
    effects, _ = failure_effects(rows, status, PRIMARY, "JT", [2], SETTINGS)
    flow = failure_flow(rows, status[status["method"].eq("JT")])
    return {"failure_effects": effects, "failure_flow": flow}


def published(raw, threshold=0):
    return {name: protect(raw[name], one.columns, threshold) for name, one in PRODUCTS.items()}


def headline(effects):
    match = {"outcome": "failure", "end_point": "last_rating", "method": "JT"}
    match |= {"analysis": "before_end", "state_a": "repaired", "state_b": "unrepaired"}
    return effects[np.logical_and.reduce([effects[k].eq(v) for k, v in match.items()])].iloc[0]


def test_every_row_and_code_has_words(raw):
    html = effects_product.failure_table(published(raw), LOOK)
    for outcome in ("Failure: not better", "Recovery", "Deterioration"):
        for end_point in ("last rating", "modelled where not rated"):
            assert f"{outcome}, {end_point}, Jacobson &amp; Truax" in html
    assert "Failure: not better, last rating, Hsu, Linn &amp; Lord" in html
    assert "describes, does not explain" in html
    for column, kind in (("outcome", "outcome"), ("end_point", "end_point"), ("method", "method")):
        assert set(raw["failure_effects"][column]) <= set(NAMES[kind])
    flow = raw["failure_flow"]
    why = flow["view"].eq("not_judged")
    assert set(flow.loc[why, "end"]) <= set(NAMES["why_not_judged"])
    assert set(flow.loc[~why, "end"]) <= set(NAMES["end"])
    assert "Still in treatment".lower() in flow_product.flow_table(published(raw), LOOK).lower()


def test_the_figures_hold_what_they_say(raw):
    drawing = effects_product.draw_failure(published(raw), LOOK)
    titles = [ax.get_title("left") for ax in drawing.figure.axes]
    assert titles == ["Failure: not better", "Recovery"]
    assert f"{headline(raw['failure_effects'])['ratio']:.2f}" in drawing.alt
    drawing = flow_product.draw_flow(published(raw), LOOK)
    *squares, bars = drawing.figure.axes
    assert len(squares) == 3
    for square in squares:
        area = sum(patch.get_width() * patch.get_height() for patch in square.patches)
        assert area == pytest.approx(1.0)
    assert sum(patch.get_width() for patch in bars.patches) == pytest.approx(2.0)


def test_the_sentences_give_counts_and_the_odds_ratio(raw):
    tables = published(raw)
    flow = raw["failure_flow"].query("by == 'all' and view == 'cells'").drop_duplicates("end")
    n = flow.set_index("end")["patients"]
    said = failure_sentence(*tables.values(), CARD)
    assert "Of the 180 patients who could be judged (0 could not)" in said
    failed = n["left_not_better"] + n["stayed_not_better"]
    assert f"{100 * failed / 180:.0f}% ended without" in said
    assert f"just before the end {headline(raw['failure_effects'])['ratio']:.2f} [" in said
    assert "describes only" in said
    assert not_judged_sentence(tables["failure_flow"]) == "Everybody could be judged."
    left = n["left_better"] + n["left_not_better"]
    assert f"of the {left} who dropped out" in flow_of_failure_sentence(tables["failure_flow"])


def test_few_are_withheld(raw):
    few = raw["failure_effects"].assign(fewest_events=4)
    tables = published({**raw, "failure_effects": few}, 10)
    own = tables["failure_effects"]
    assert own[["estimate", "se", "ci_low", "ci_high", "ratio"]].isna().all(axis=None)
    assert own["reason"].fillna("").eq("").all()
    look = Look(threshold=10, primary=PRIMARY, settings={"failure": {"method": "JT"}})
    assert "withheld" in effects_product.failure_table(tables, look)
    assert "withheld" in effects_product.draw_failure(tables, look).alt
    assert "withheld" in failure_sentence(*tables.values(), CARD)
    flow = tables["failure_flow"]
    shown = flow["patients"].dropna()
    assert (shown % 10).eq(0).all()
    assert flow.loc[flow["patients"].lt(0), "share"].isna().all()
    assert "&#8804;10" in flow_product.flow_table(tables, look)
    flow_product.draw_flow(tables, look)


def test_nobody_judged_is_said(raw):
    nobody = raw["failure_flow"].assign(
        patients=np.where(raw["failure_flow"]["end"].eq("not_judged"), 60, 0), all=60
    )
    empty = pd.DataFrame(columns=raw["failure_effects"].columns)
    tables = published({"failure_effects": empty, "failure_flow": nobody})
    assert effects_product.draw_failure(tables, LOOK).alt == effects_product.NOTHING
    assert flow_product.draw_flow(tables, LOOK).alt == flow_product.NOTHING
    assert failure_sentence(*tables.values(), CARD) == NOBODY
    assert flow_of_failure_sentence(tables["failure_flow"]) == NOBODY
    assert "still in treatment (60)" in not_judged_sentence(
        tables["failure_flow"].assign(patients=60)
    )
    assert "table-failure-effects" in effects_product.failure_table(tables, LOOK)
