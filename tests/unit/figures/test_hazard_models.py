"""The forest of hazard models and the curves beside it."""

import numpy as np
import pytest

from rupture_outcome.figures.hazard_models import alt_text, hazard_figure, placed
from rupture_outcome.publishable.hazards import publishable_hazards
from tests.unit.fake_hazards import PRIMARY, fake_margins, fake_models
from tests.unit.figures.figure_texts import overlapping, texts

MODELS, MARGINS = publishable_hazards(fake_models(), 10), publishable_hazards(fake_margins(), 10)


def test_every_model_has_its_row_and_no_text_overlaps():
    figure = hazard_figure(MODELS, MARGINS, PRIMARY, simulated=True)
    shown = texts(figure)
    assert overlapping(figure) == []
    assert "Simulated data" in shown
    assert sum(text == "0.52 [0.32, 0.86]" for text in shown) == 12
    assert "not estimable: the definition does not tell kinds of rupture apart" in shown
    assert {"Other link: hazard ratio", "Dropout", "Agreed ending"} <= set(shown)
    assert any(
        "n = 580 patients, 6,200 sessions at risk, 119 dropouts" in t.replace("\n", " ")
        for t in shown
    )


def test_curves_are_in_per_cent_and_without_withheld_sessions():
    axes = hazard_figure(MODELS, MARGINS, PRIMARY).axes[1]
    lines = {line.get_label(): line.get_xydata() for line in axes.lines}
    assert list(lines) == ["No rupture so far", "Rupture, not repaired", "Rupture, repaired"]
    np.testing.assert_allclose(lines["Rupture, repaired"][0], [2, 1.3 * 1.2])


def test_intervals_beyond_the_axis_end_in_arrows():
    wide = MODELS.assign(ci_low=-9.0, ci_high=9.0)
    axes = hazard_figure(wide, MARGINS, PRIMARY).axes[0]
    assert sum(line.get_marker() == "<" for line in axes.lines) == 12
    assert axes.get_xlim() == pytest.approx((0.04, 25.0))


def test_kinds_have_a_row_each():
    split = MODELS.copy()
    kinds = split["model"].eq("kind_of_rupture")
    split.loc[kinds, "contrast"] = [
        f"repaired vs unrepaired, {k}" for k in ("both", "unknown", "x")
    ]
    rows, _ = placed(split)
    assert rows.loc[rows["model"].eq("kind_of_rupture"), "label"].tolist() == [
        f"By kind of rupture: {k}" for k in ("both", "unknown", "x")
    ]


def test_nothing_estimable_is_said_in_words():
    nothing = MODELS.assign(estimate=np.nan, ci_low=np.nan, ci_high=np.nan, converged=False)
    figure = hazard_figure(nothing, MARGINS.assign(estimate=np.nan), PRIMARY)
    assert "withheld or not estimable" in texts(figure)
    assert overlapping(figure) == []
    assert "not estimable" in alt_text(nothing, MARGINS)


def test_alt_text_gives_the_main_numbers():
    text = alt_text(MODELS, MARGINS)
    assert "Main model: 0.52 [0.32, 0.86]" in text
    assert "Rupture, not repaired: 2.5%" in text
    assert "Repaired minus unrepaired: −1.2 points" in text
