"""Cut-offs by hand, one for all and by age band and gender."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.reliable_change import Norm
from rupture_outcome.errors import StudyError
from rupture_outcome.estimates.failure.cutoffs import FailureSettings, cutoffs

STUDY = Norm(24.0, 4.0)
PEOPLE = pd.DataFrame(
    {"age_band": ["12-17", "12-17", "30-44", None], "gender": ["female", "male", "female", "male"]}
)
YOUNG = {"age_band": "12-17", "gender": "female", "cutoff": 12.0, "functional": [9.0, 3.0]}
NORMS = [YOUNG, {"gender": "female", "cutoff": 11.0, "functional": [8.0, 8.0]}]


def of(kind="given", b_sd="functional", **instrument):
    given = {"direction": -1, "cutoff": 10, **instrument}
    return cutoffs(PEOPLE, given, FailureSettings("JT", kind, b_sd), STUDY, "phq9").tolist()


def test_the_first_norm_that_fits_is_taken():
    assert of() == [10, 10, 10, 10]
    assert of(norms=NORMS) == [12, 10, 11, 10]
    assert of(norms=NORMS[::-1]) == [11, 10, 11, 10]


def test_cutoffs_from_means_and_sds():
    nan = pytest.approx(np.nan, nan_ok=True)
    assert of("a", norms=NORMS) == [16, 16, 16, 16]  # 24 - 2 · 4
    assert of("b", norms=NORMS) == [15, nan, 24, nan]  # 9 + 2 · 3, 8 + 2 · 8
    assert of("b", "clinical", norms=NORMS) == [17, nan, 16, nan]
    c = (4 * 9 + 3 * 24) / 7, (4 * 8 + 8 * 24) / 12
    assert of("c", norms=NORMS) == [pytest.approx(c[0]), nan, pytest.approx(c[1]), nan]
    own = [{"clinical": [20.0, 5.0], "functional": [10.0, 5.0]}]
    assert of("c", norms=own) == [15, 15, 15, 15]
    assert of("a", norms=[{"clinical": [20.0, 5.0]}]) == [10, 10, 10, 10]


def test_without_a_cutoff_there_is_none():
    assert np.isnan(of(cutoff=None)).all()
    assert cutoffs(PEOPLE.iloc[:0], {"direction": -1}, FailureSettings(), STUDY).tolist() == []
    nobody = Norm(np.nan, np.nan)
    settings = FailureSettings(cutoff="c")
    assert np.isnan(cutoffs(PEOPLE, {"direction": -1, "norms": NORMS}, settings, nobody)).all()


def test_a_flipped_scale_does_not_fit_its_norms():
    with pytest.raises(StudyError, match="direction of the scale"):
        of("c", direction=1, norms=NORMS)
