"""Figure of the sensitivity analyses."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.figures.sensitivity import NOTHING, alt_text, sensitivity_figure
from rupture_outcome.publishable.sensitivity import publishable_sensitivity
from tests.unit.figures.figure_texts import overlapping, texts
from tests.unit.toy_sensitivity import failed, toy_sensitivity

SHOWN = publishable_sensitivity(toy_sensitivity().effects, 10)


def test_texts_do_not_overlap_and_name_what_is_shown():
    figure = sensitivity_figure(SHOWN, simulated=True)
    assert overlapping(figure) == []
    shown = texts(figure)
    assert {"Main analysis", "Untested sessions left out", "Simulated data"} <= set(shown)
    assert any("E-value" in text for text in shown)
    assert any(text.startswith("main definition:") for text in shown)


def test_series_run_from_all_repaired_to_all_open():
    middle = sensitivity_figure(SHOWN).axes[2]
    line = next(line for line in middle.lines if line.get_marker() == "o")
    x = np.asarray(line.get_xdata(), dtype=float)
    assert (x.min(), x.max()) == (-1.0, 1.0)
    own = SHOWN[SHOWN["setting"].eq("share_open") & SHOWN["contrast"].eq("repaired vs unrepaired")]
    y = np.asarray(line.get_ydata(), dtype=float)
    np.testing.assert_allclose(y[x >= 0], own["ratio"])


def test_alt_text_gives_the_ratios_and_the_tipping_points():
    text = alt_text(SHOWN)
    assert "Main analysis: 0." in text
    assert "with weights truncated" in text
    assert "Corrected for the definition's own errors" in text


def test_a_reader_of_a_csv_file_sees_the_same(tmp_path):
    SHOWN.to_csv(tmp_path / "sensitivity.csv", index=False)
    assert alt_text(pd.read_csv(tmp_path / "sensitivity.csv")) == alt_text(SHOWN)


@pytest.mark.parametrize(
    "analysis", ["marginal_structural", "missing_ratings", "misclassification"]
)
def test_a_failed_part_is_shown_as_such(analysis):
    part = SHOWN["analysis"].eq(analysis)
    broken = pd.concat([SHOWN[~part], failed(SHOWN[part], "too little to go on")])
    figure = sensitivity_figure(broken)
    assert overlapping(figure) == []
    assert any("not estimable" in text for text in texts(figure))


def test_a_study_without_any_estimate_has_nothing_to_show():
    assert alt_text(failed(SHOWN, "no dropout")) == NOTHING
