"""The wage panel, by the values that the R package dpm gives for it."""

import pandas as pd
import pytest

from rupture_outcome.engine.dynamic_panel import dynamic_panel

# Published to three decimals: estimate and standard error.
PUBLISHED = {
    "union": (-1.206, 0.522),
    "lwage": (0.588, 0.488),
    "ed": (-0.107, 0.056),
    "carry_over": (0.188, 0.020),
}


def test_weeks_worked(public_file) -> None:
    rows = pd.read_csv(public_file("panelr_WageData.csv"))
    found = dynamic_panel(rows, "wks", "id", "t", ["union"], ["lwage"], ["ed"])
    assert found.fit.converged
    assert found.persons == 595
    assert found.fit.df == 76
    assert found.fit.chi2 == pytest.approx(138.476, abs=5e-4)
    for name, (value, error) in PUBLISHED.items():
        assert found.estimates[name].value == pytest.approx(value, abs=6e-4)
        assert found.estimates[name].se == pytest.approx(error, abs=6e-4)
