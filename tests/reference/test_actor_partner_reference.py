"""The actor–partner model of 148 couples, against generalised least squares of `nlme`."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.actor_partner import pair_regression

# As printed there, with five digits.
DIGITS = 6e-6


def test_couples_agree_with_generalised_least_squares(public_file) -> None:
    couples = pd.read_csv(public_file("dyadr_acipair.csv"))
    own, partner = couples["Tension_A"], couples["SelfPos_P"]
    design = np.column_stack([np.ones(len(couples)), own, partner])
    fit = pair_regression(couples["Satisfaction_A"], design, couples["CoupleID"])
    assert fit.pairs == 148
    assert fit.params == pytest.approx([4.71899, -0.34545, -0.06558], abs=DIGITS)
    assert fit.bse[1:] == pytest.approx([0.03289, 0.05157], abs=DIGITS)
    assert (fit.rho, fit.sigma) == pytest.approx((0.47150, 0.40529), abs=DIGITS)
