"""From one session to the next within patients, as it is laid out, drawn and said."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.disclosure import protect
from rupture_outcome.estimates.within_effects import within_effects
from rupture_outcome.look.forest import TRUTH
from rupture_outcome.look.look import Look
from rupture_outcome.pages.sentences.growth import within_sentence
from rupture_outcome.products import within_panels
from rupture_outcome.products.within_effects import (
    BETWEEN,
    NOTHING,
    PRODUCT,
    draw_within,
    within_table,
)
from tests.unit.estimates.test_within_effects import PRIMARY, world

CARD = {"models": {"confidence": 0.95}}


@pytest.fixture(scope="module")
def found():
    return within_effects(*world(120, 6), PRIMARY, 0.95)


def shown(frame, threshold=0, product=PRODUCT):
    return {product.name: protect(frame, product.columns, threshold)}


def test_the_truth_stands_beside_symptoms_where_it_is_known(found):
    truth = {"unrepaired vs intact": 1.5}
    known = Look(simulated=True, primary=PRIMARY, settings={"symptom_truth": truth})
    assert "Truth of the simulation" in within_table(shown(found[0]), known)
    assert "Truth" not in within_table(shown(found[0]), Look(primary=PRIMARY))
    for look, lines in ((known, 9), (Look(primary=PRIMARY), 0)):
        axes = draw_within(shown(found[0]), look).figure.axes
        drawn = [sum(line.get_color() == TRUTH["color"] for line in ax.lines) for ax in axes]
        assert drawn == [lines, 0, 0]


def test_few_patients_with_an_open_rupture_withhold_its_effects(found):
    effects, panels = (
        frame.assign(fewest_patients=np.where(frame["predictor"].eq("open"), 4, 40))
        for frame in found
    )
    table = shown(effects, 10)["within_effects"]
    gone = table["predictor"].eq("open")
    assert table["estimate"].isna().tolist() == gone.tolist()
    assert table.loc[gone, ["se", "df", "ci_low", "ci_high", "p"]].isna().all(axis=None)
    fits = shown(panels, 10, within_panels.PRODUCT)["within_panels"]
    numbers = ["chi2", "p", "rmsea", "cfi"]
    assert fits.loc[fits["predictor"].eq("open"), numbers].isna().all(axis=None)
    look = Look(threshold=10, primary=PRIMARY)
    assert "withheld" in within_table({"within_effects": table}, look)
    assert "withheld" in draw_within({"within_effects": table}, look).alt
    assert "withheld" in within_panels.panels_table({"within_panels": fits}, look)


def test_every_method_has_its_row(found):
    html = within_table(shown(found[0]), Look(primary=PRIMARY))
    assert html.count(BETWEEN) == 3
    drawing = draw_within(shown(found[0]), Look(primary=PRIMARY))
    assert [ax.get_title("left") for ax in drawing.figure.axes] == [
        "Open rupture\n→ symptoms",
        "Alliance, by patient\n→ symptoms",
        "Symptoms\n→ alliance, by patient",
    ]
    said = within_sentence(shown(found[0])["within_effects"], CARD)
    assert said.count("8 other methods") == 3
    fits = within_panels.panels_table(
        shown(found[1], product=within_panels.PRODUCT), Look(primary=PRIMARY)
    )
    assert "Open rupture and symptoms" in fits
    assert "Symptoms &#8594; alliance, by patient" in fits


def test_what_is_not_measured_is_said():
    rows, scored = world(30, 4)
    effects, panels = within_effects(rows, scored.drop(columns="symptom"), PRIMARY, 0.95)
    look = Look(primary=PRIMARY)
    assert "symptom was not measured" in within_table(shown(effects), look)
    drawing = draw_within(shown(effects), look)
    assert "symptom was not measured" in drawing.alt
    assert "could not" in within_sentence(shown(effects)["within_effects"], CARD)
    fits = shown(panels, product=within_panels.PRODUCT)
    assert "symptom was not measured" in within_panels.panels_table(fits, look)


def test_nothing_at_all():
    empty = {"within_effects": pd.DataFrame(columns=[c.name for c in PRODUCT.columns])}
    assert draw_within(empty, Look(primary=PRIMARY)).alt == NOTHING
