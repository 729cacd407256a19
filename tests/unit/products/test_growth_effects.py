"""Symptoms and the alliance by state, as they are laid out, drawn and said."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.disclosure import protect
from rupture_outcome.estimates.growth.growth_effects import growth_effects
from rupture_outcome.look.forest import TRUTH as LINE
from rupture_outcome.look.look import Look
from rupture_outcome.pages.sentences.growth import growth_sentence
from rupture_outcome.products.growth_effects import (
    NOTHING,
    PRODUCT,
    draw_growth,
    growth_table,
)
from tests.unit.estimates.growth.test_growth_effects import PRIMARY, world

TRUTH = {"repaired vs unrepaired": -2.0, "unrepaired vs intact": 2.0, "repaired vs intact": 0.0}
CARD = {"models": {"confidence": 0.95}}


@pytest.fixture(scope="module")
def effects():
    rows, scored = world(60, 6)
    scored["alliance_patient"] = 50 - scored["symptom"]
    return growth_effects(rows, scored, PRIMARY, [], 0.95)[0]


def published(effects, threshold=0):
    return {"growth_effects": protect(effects, PRODUCT.columns, threshold)}


def test_the_truth_stands_beside_symptoms_where_it_is_known(effects):
    known = Look(simulated=True, primary=PRIMARY, settings={"symptom_truth": TRUTH})
    assert "Truth of the simulation" in growth_table(published(effects), known)
    assert "Truth" not in growth_table(published(effects), Look(primary=PRIMARY))
    green = LINE["color"]
    for look, lines in ((known, 4), (Look(primary=PRIMARY), 0)):
        symptoms, alliance = draw_growth(published(effects), look).figure.axes
        assert sum(line.get_color() == green for line in symptoms.lines) == lines
        assert not any(line.get_color() == green for line in alliance.lines)


def test_few_patients_in_a_state_withhold_its_estimates(effects):
    few = effects.assign(fewest_patients=np.where(effects["state_a"].eq("repaired"), 4, 40))
    table = published(few, 10)["growth_effects"]
    shown = table["estimate"].notna()
    assert shown.tolist() == table["state_a"].ne("repaired").tolist()
    hidden = table.loc[~shown, ["se", "df", "ci_low", "ci_high", "p"]]
    assert hidden.isna().all(axis=None)
    look = Look(threshold=10, primary=PRIMARY)
    assert "withheld" in growth_table({"growth_effects": table}, look)
    assert "withheld" in growth_sentence(table, CARD)
    assert "withheld" in draw_growth({"growth_effects": table}, look).alt


def test_every_row_has_its_place(effects):
    html = growth_table(published(effects), Look(primary=PRIMARY))
    assert html.count("Between therapists") == 2 * 2 * 3
    drawing = draw_growth(published(effects), Look(primary=PRIMARY))
    assert [ax.get_title("left") for ax in drawing.figure.axes] == [
        "Symptoms, before the session",
        "Alliance, by patient",
    ]
    assert "−" in drawing.alt
    said = growth_sentence(published(effects)["growth_effects"], CARD)
    row = effects.query("outcome == 'symptom' and scope == 'within' and course == 'log'")
    value = row[row["state_b"].eq("unrepaired")]["estimate"].item()
    assert f"{abs(value):.2f}" in said


def test_a_study_without_measures_says_so():
    empty = {"growth_effects": pd.DataFrame(columns=[c.name for c in PRODUCT.columns])}
    assert draw_growth(empty, Look(primary=PRIMARY)).alt == NOTHING
    assert "table-growth-effects" in growth_table(empty, Look(primary=PRIMARY))
    assert "could not" in growth_sentence(empty["growth_effects"], CARD)
