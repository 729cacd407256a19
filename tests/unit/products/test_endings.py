"""How and when treatments ended."""

from dataclasses import replace

import pandas as pd
import pytest

from rupture_outcome.estimates.endings import ending_curves
from rupture_outcome.estimates.landmark.landmark_bootstrap import Draws
from rupture_outcome.products.endings import NOTHING, alt_text, draw_endings
from tests.unit.figure_texts import texts
from tests.unit.products.looks import REAL, SETTINGS, SIMULATED
from tests.unit.products.treatments import study


@pytest.fixture(scope="module")
def treatments() -> dict[str, pd.DataFrame]:
    return {key: table for key, table in study().items() if key in ("sessions", "endings")}


def figure_of(curves, look=REAL):
    return draw_endings({"endings": curves}, look).figure


def test_without_censoring_a_curve_ends_at_the_share_that_ended_so(treatments):
    curves = ending_curves(**treatments, draws=Draws(100))
    ends = curves.groupby("cause")["estimate"].last()
    shares = treatments["endings"]["ending"].value_counts(normalize=True)
    pd.testing.assert_series_equal(ends, shares, check_names=False, check_like=True)
    assert curves["patients"].eq(120).all()


def test_every_step_of_a_real_curve_is_a_multiple_of_ten_patients(publish, treatments):
    few = treatments["endings"].assign(
        ending=["referred"] * 7 + treatments["endings"]["ending"].tolist()[7:]
    )
    curves = publish("endings", REAL, **(treatments | {"endings": few}))
    steps = 12 * curves["estimate"].dropna()
    assert steps.sub(steps.round()).abs().max() < 1e-9
    referred = curves[curves["cause"].eq("referred")]["estimate"]
    assert not referred.gt(0).any()
    assert any("Not drawn, 10 patients or fewer: referred" in t for t in texts(figure_of(curves)))


def test_the_figure_says_how_treatments_ended(publish, treatments):
    curves = publish("endings", SIMULATED, **treatments)
    shown = texts(figure_of(curves, SIMULATED))
    assert "Simulated data" in shown
    assert "Completed as planned 50%" in shown
    assert "Dropout 33%" in alt_text(curves)


def test_few_therapists_are_named_below_the_curves(publish, treatments):
    many = treatments["sessions"].assign(therapist_id=lambda t: t["patient_id"].str[1:3])
    many["therapist_id"] += treatments["sessions"]["patient_id"].str[-1].gt("4").astype(str)
    for sessions, said in ((treatments["sessions"], True), (many, False)):
        curves = publish("endings", SIMULATED, **(treatments | {"sessions": sessions}))
        shown = " ".join(texts(figure_of(curves, SIMULATED))).replace("\n", " ")
        assert ("few therapists" in shown) == said


def test_intervals_follow_the_replicates_and_the_seed_of_the_config(publish, treatments):
    first, again, other = (
        publish("endings", replace(SIMULATED, settings=SETTINGS | {"seed": seed}), **treatments)
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first["ci_low"].equals(other["ci_low"])
    assert first["estimate"].equals(other["estimate"])


def test_the_line_stops_where_a_session_is_withheld_and_goes_on_after_it(publish, treatments):
    curves = publish("endings", SIMULATED, **treatments)
    dropout = curves["cause"].eq("dropout")
    gap = dropout & curves["session"].eq(5)
    curves.loc[gap, ["estimate", "ci_low", "ci_high"]] = float("nan")
    line = figure_of(curves[dropout]).axes[0].lines[0]
    drawn = dict(zip(*line.get_data(), strict=True))
    assert drawn[5] != drawn[5]
    assert drawn[max(drawn)] == pytest.approx(1 / 3)


def test_treatments_that_all_go_on_are_said_to(publish, treatments):
    ongoing = treatments["endings"].assign(ending="ongoing")
    curves = publish("endings", REAL, **(treatments | {"endings": ongoing}))
    assert NOTHING in texts(figure_of(curves))
    assert alt_text(curves) == NOTHING
