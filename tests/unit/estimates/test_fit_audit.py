import numpy as np
import pytest

from rupture_outcome.estimates.fit_audit import fit_audit

SPECIFICATION = ("cox", "drop_rci", "half_recovery")
INFORMATION = np.array([[4.0, 1.0], [1.0, 1.0]])


def test_gradient_and_condition_have_no_unit():
    found = fit_audit(*SPECIFICATION, gradient=[1e-3, 0.0], information=INFORMATION, events=30)
    # the same model with the first column in other units
    unit = np.diag([10.0, 1.0])
    other = fit_audit(
        *SPECIFICATION, gradient=[1e-2, 0.0], information=unit @ INFORMATION @ unit, events=30
    )
    for key in ("gradient_norm", "condition_number"):
        assert found[key] == pytest.approx(other[key])
    assert found["gradient_norm"] == pytest.approx(1e-3 * np.sqrt(1 / 3))
    assert found["events_per_parameter"] == 15


@pytest.mark.parametrize(
    ("gradient", "information"),
    [([np.nan, 0], INFORMATION), ([0, 0], -INFORMATION), ([0, 0], INFORMATION * np.inf), ([], [])],
)
def test_what_is_no_maximum_did_not_converge(gradient, information):
    found = fit_audit(*SPECIFICATION, gradient=gradient, information=information, events=30)
    assert not found["converged"]
    assert found["reason"] == "not_converged"


def test_a_failed_fit_says_why():
    found = fit_audit(*SPECIFICATION, converged=False, reason="no events")
    assert (found["converged"], found["reason"]) == (False, "no events")
