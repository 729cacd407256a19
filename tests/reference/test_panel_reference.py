"""Panel models of simulated series with missing values, against lavaan 0.6-14."""

import json

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.cross_lagged import NAMES, cross_lagged
from rupture_outcome.engine.dynamic_panel import dynamic_panel
from tests.reference.conftest import DATA

FREE = [f"{name}:{time}" for time in range(2, 6) for name in NAMES]
CROSS_LAGGED = {
    "cross_lagged": {},
    "cross_lagged_free": {"free_paths": True},
    "cross_lagged_uncorrelated": {"correlated": False},
    "cross_lagged_slopes": {"slopes": True},
}
DYNAMIC = {
    "dynamic": {"predetermined": ["x"]},
    "dynamic_exogenous": {"exogenous": ["x"]},
    "dynamic_free": {"predetermined": ["x"], "free_errors": True},
}
# lavaan's search ends at a relative change of 1e-10 of the likelihood.
ESTIMATE, SIZE, LOG_LIKELIHOOD, INDEX = 1e-5, 1e-5, 1e-5, 1e-6


@pytest.fixture(scope="module")
def panel():
    fits = json.loads((DATA / "panel.reference.json").read_text(encoding="utf-8"))
    return pd.read_csv(DATA / "panel.csv"), fits


def same(found, names, theirs) -> None:
    assert found.fit.converged
    estimates = [found.estimates[name] for name in names]
    np.testing.assert_allclose([e.value for e in estimates], theirs["est"], atol=ESTIMATE)
    np.testing.assert_allclose([e.se for e in estimates], theirs["se"], rtol=SIZE)
    indices = theirs["indices"]
    assert found.fit.df == indices["df"]
    assert found.fit.chi2 == pytest.approx(indices["chisq"], abs=2 * LOG_LIKELIHOOD)
    assert found.fit.llf == pytest.approx(indices["logl"], abs=LOG_LIKELIHOOD)
    saturated = indices["unrestricted.logl"]
    assert found.fit.llf_saturated == pytest.approx(saturated, abs=LOG_LIKELIHOOD)
    assert found.fit.rmsea == pytest.approx(indices["rmsea"], abs=INDEX)
    assert found.fit.cfi == pytest.approx(indices["cfi"], abs=INDEX)


@pytest.mark.parametrize("name", CROSS_LAGGED)
def test_cross_lagged_panels_agree_with_lavaan(panel, name) -> None:
    rows, fits = panel
    found = cross_lagged(rows, "x", "y", "person", "time", **CROSS_LAGGED[name])
    same(found, FREE if name == "cross_lagged_free" else NAMES, fits[name])
    assert found.reason == ("negative_variance" if name == "cross_lagged_slopes" else "")


@pytest.mark.parametrize("name", DYNAMIC)
def test_dynamic_panels_agree_with_lavaan(panel, name) -> None:
    rows, fits = panel
    found = dynamic_panel(rows, "y", "person", "time", constant=["once"], **DYNAMIC[name])
    same(found, ("carry_over", "x", "once"), fits[name])
