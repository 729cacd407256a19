"""Where patients stand: what is drawn, said and laid out, exactly and rounded."""

import numpy as np
import pytest

from rupture_outcome.products.state_occupancy import draw_occupancy, occupancy_table
from tests.unit.figure_texts import overlapping, texts
from tests.unit.products.toy_states import STUDIES, raw_states, states


@pytest.mark.parametrize("study", STUDIES)
def test_occupancy_is_drawn_without_overlap(study):
    drawing = draw_occupancy(*states(study, "state_occupancy"))
    said = " ".join(texts(drawing.figure))
    assert not overlapping(drawing.figure)
    assert "nan" not in drawing.alt + said
    assert ("Agreed ending, " in said) == (study in ("simulated", "real"))
    assert ("withheld or not estimable" in said) == (study in ("few", "untested"))
    assert ("not estimable" in drawing.alt) == (study in ("few", "untested"))
    assert ("Counts are rounded" in said) == (study in ("real", "few"))


@pytest.mark.parametrize("study", STUDIES)
def test_occupancy_is_laid_out(study):
    html = occupancy_table(*states(study, "state_occupancy"))
    assert "nan" not in html.lower()
    assert ("Simulated data" in html) == (study in ("simulated", "untested"))
    assert "Fall in alliance beyond reliable change" in html


def test_shares_of_a_real_study_count_no_patient_more_exactly_than_to_ten():
    shown = states("real", "state_occupancy")[0]["state_occupancy"]
    exact = raw_states("real")["state_occupancy"]
    n = exact["at_risk"].iloc[0]
    steps = (shown["estimate"] * n / 10).dropna()
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    few = (exact["estimate"] * n).round(6).between(1, 10)
    assert few.any()
    bounds = ["band_low", "ci_low", "estimate", "ci_high", "band_high"]
    assert shown.loc[few, bounds].isna().all().all()
    assert (np.diff(shown[bounds].dropna().to_numpy(), axis=1) >= -1e-12).all()
