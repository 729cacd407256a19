"""Hazard models and predicted hazards: the forest, the curves beside it, and the tables."""

import html
import re

import numpy as np
import pytest

from rupture_outcome.estimates.effect_rows import FEWEST
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import WITHHELD
from rupture_outcome.products.hazard_margins import PRODUCT as MARGINS
from rupture_outcome.products.hazard_margins import draw_margins, margins_table
from rupture_outcome.products.hazard_models import PRODUCT as MODELS
from rupture_outcome.products.hazard_models import (
    alt_text,
    draw_models,
    hazard_figure,
    models_table,
    placed,
)
from rupture_outcome.products.tables import published
from tests.unit.fake_hazards import PRIMARY, fake_margins, fake_models
from tests.unit.figure_texts import overlapping, texts

REAL = Look(threshold=10, primary=PRIMARY)
SIMULATED = Look(simulated=True, primary=PRIMARY)


def tables(look=REAL, models=None, margins=None):
    models = fake_models() if models is None else models
    margins = fake_margins() if margins is None else margins
    return {
        "hazard_models": published(MODELS, {"effects": models}, look),
        "hazard_margins": published(MARGINS, {"margins": margins}, look),
    }


def words(table: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", table)))


def test_every_model_has_its_row_and_no_text_overlaps():
    figure = draw_models(tables(SIMULATED), SIMULATED).figure
    shown = texts(figure)
    assert overlapping(figure) == []
    assert "Simulated data" in shown
    assert sum(text == "0.52 [0.32 to 0.86]" for text in shown) == 14
    assert "not estimable: the definition does not tell kinds of rupture apart" in shown
    assert {"Other link: hazard ratio", "Dropout", "Agreed ending"} <= set(shown)
    assert any(
        "n = 580 patients, 6,200 sessions at risk, 119 dropouts" in t.replace("\n", " ")
        for t in shown
    )


def test_curves_are_in_per_cent_and_without_withheld_sessions():
    figure = draw_margins(tables(), REAL).figure
    assert {"No rupture so far", "Rupture open", "Last rupture repaired"} <= set(texts(figure))
    assert overlapping(figure) == []
    lines = {line.get_marker(): line.get_xydata() for line in figure.axes[0].lines}
    np.testing.assert_allclose(lines["s"][0], [2, 1.3 * 1.2])


def test_intervals_beyond_the_axis_end_in_arrows():
    wide = tables(models=fake_models().assign(ci_low=-9.0, ci_high=9.0))
    axes = draw_models(wide, REAL).figure.axes[0]
    assert sum(line.get_marker() == "<" for line in axes.lines) == 14
    assert axes.get_xlim() == pytest.approx((0.04, 25.0))


def test_kinds_have_a_row_each():
    split = tables()["hazard_models"]
    kinds = split["model"].eq("kind_of_rupture")
    split.loc[kinds, "state_a"] = "repaired"
    split.loc[kinds, "state_b"] = [f"unrepaired_{k}" for k in ("both", "unknown", "withdrawal")]
    rows, _ = placed(split)
    assert rows.loc[rows["model"].eq("kind_of_rupture"), "label"].tolist() == [
        f"By kind of rupture: {k}" for k in ("both", "unknown", "withdrawal")
    ]


def test_nothing_estimable_is_said_in_words():
    shown = tables(SIMULATED)
    models, margins = shown.values()
    missing = ["estimate", "ratio", "ci_low", "ci_high"]
    models[missing], models["reason"] = np.nan, ""
    margins["estimate"] = np.nan
    assert "withheld or not estimable" in texts(draw_margins(shown, SIMULATED).figure)
    assert overlapping(hazard_figure(models, SIMULATED)) == []
    assert "Main model: not estimable" in alt_text(models, SIMULATED)
    assert f"Main model: {WITHHELD}" in alt_text(models, REAL)


def test_alt_text_gives_the_main_numbers():
    main = draw_models(tables(), REAL).alt
    assert "Main model: 0.52 [0.30 to 0.90]" in main  # its error taken up to the next step
    text = draw_margins(tables(), REAL).alt
    assert "Rupture open: 2.5%" in text
    assert "Repaired minus open: −1.2 points" in text


def test_every_model_is_named_with_its_contrasts():
    shown = words(models_table(tables(SIMULATED), SIMULATED))
    assert "Simulated data" in shown
    assert "Only sessions that could be tested" in shown
    assert "Other link: hazard ratio" in shown
    assert "repaired against open 0.52 0.32 to 0.86 p = 0.060 (2 df) 580 6,200 119" in shown
    assert shown.count("not estimable: the definition does not tell kinds of rupture apart") == 3
    assert "withheld" not in shown


@pytest.mark.parametrize("cell", [*FEWEST, "fewest_rest"])
def test_what_rests_on_few_in_one_arm_is_withheld_and_says_so(cell):
    raw = fake_models()
    raw.loc[:2, cell] = 8
    raw.loc[:2, "reason"] = "no dropout in state repaired"
    shown = tables(models=raw)
    few = shown["hazard_models"].iloc[:3]
    assert few[["estimate", "se", "ci_low", "ci_high", "ratio"]].isna().all(axis=None)
    assert few["reason"].eq("").all()
    assert shown["hazard_models"]["estimate"].iloc[3:6].notna().all()
    said = words(models_table(shown, REAL))
    assert said.count(WITHHELD) == 3
    assert "Counts are rounded" in said


def test_a_joint_test_rests_on_every_level():
    raw = fake_models()
    raw.loc[0, "fewest_joint"] = 4
    shown = tables(models=raw)["hazard_models"]
    assert np.isnan(shown.loc[0, "joint_p"])
    assert shown.loc[0, "estimate"] == pytest.approx(0.3)
    assert shown.loc[1, "joint_p"] == pytest.approx(0.072)  # 0.06 at the next step


def test_chances_are_in_per_cent_and_differences_in_points():
    shown = words(margins_table(tables(SIMULATED), SIMULATED))
    assert "Last rupture repaired 1.30 [0.78 to 1.82]" in shown
    assert "repaired against open −1.20 [−1.68 to −0.72] 0.52 [0.31 to 0.73]" in shown
    assert "Sessions as a smooth curve" not in shown  # the curve is drawn, not listed


def test_empty_tables_are_written():
    empty = tables(models=fake_models().iloc[:0], margins=fake_margins().iloc[:0])
    assert "repair and dropout under other models" in models_table(empty, REAL)
    assert "Chance of ending after a session" in margins_table(empty, REAL)
