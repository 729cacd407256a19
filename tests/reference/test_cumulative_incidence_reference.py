"""Cumulative incidence and contrasts against R (cmprsk, glmmTMB) on simulated person-sessions."""

import pandas as pd
import pytest

from rupture_outcome.engine.cumulative_incidence import cumulative_incidence
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import hazard_effects
from rupture_outcome.estimates.landmark.landmark_bootstrap import Draws
from rupture_outcome.estimates.landmark.landmark_incidence import landmark_incidence

# Sums of at most twenty fractions on both sides; the reference file keeps 11 digits.
TOLERANCE = 1e-9
CAUSES = ["dropout", "completed"]


def endings(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby("patient_id", as_index=False).last()


def value(curves: pd.DataFrame, group: str, cause: str, time: str, column: str) -> float:
    row = curves["group"].eq(group) & curves["cause"].eq(cause) & curves["session"].eq(int(time))
    return curves.loc[row, column].item()


@pytest.mark.parametrize("column", ["estimate", "variance"])
def test_all_patients(study, column):
    rows, reference = study
    last = endings(rows)
    everyone = pd.Series("all", index=last.index)
    curves = cumulative_incidence(last["session"], last["event"], everyone, causes=CAUSES)
    for name, at in reference["cumulative_incidence"][column].items():
        cause = name.removeprefix("1 ")
        for time, expected in at.items():
            assert value(curves, "all", cause, time, column) == pytest.approx(
                expected, abs=TOLERANCE
            )


def test_landmark_by_state(study):
    rows, reference = study
    expected = reference["landmark6"]
    at_landmark = rows[(rows["session"] == 6) & (rows["state"] != "intact")]
    state = at_landmark.set_index("patient_id")["state"]
    last = endings(rows[rows["patient_id"].isin(state.index)])
    last = last[last["session"] > 6]
    group = last["patient_id"].map(state)
    curves = cumulative_incidence(last["session"], last["event"], group, causes=CAUSES, start=6)
    assert group.value_counts().to_dict() == expected["n"]
    for name, at in expected["estimate"].items():
        state_name, cause = name.split()
        for time, probability in at.items():
            assert value(curves, state_name, cause, time, "estimate") == pytest.approx(
                probability, abs=TOLERANCE
            )


def test_landmark_of_the_risk_set(study):
    rows, reference = study
    names = {"stay": "none", "completed": "agreed_ending"}
    risk_set = rows.rename(columns={"session": "time"}).assign(
        event=rows["event"].replace(names), definition="drop_rci", repair_rule="psq_resolved"
    )
    curves = landmark_incidence(risk_set, [6], Draws(100)).rename(columns={"state": "group"})
    for name, at in reference["landmark6"]["estimate"].items():
        state, cause = name.split()
        for time, expected in at.items():
            found = value(curves, state, names.get(cause, cause), time, "estimate")
            assert found == pytest.approx(expected, abs=TOLERANCE)


def test_contrasts_are_those_of_glmmtmb(study):
    """To 1e-4 on coefficients and 1e-3 (relative) on errors: glmmTMB stops its search there."""
    rows, reference = study
    risk_set = rows.assign(
        time=rows["session"],
        dropout=rows["event"].eq("dropout").astype(int),
        at_risk=True,
        testable=True,
        definition="drop_rci",
        repair_rule="psq_resolved",
    )
    effects, _ = hazard_effects(
        risk_set, "recorded_ending", HazardSettings(covariates=("severity",), min_events=1)
    )
    effects = effects.set_index("contrast")
    fixed = reference["hazard_logit"]["fixed"]
    for state in ("unrepaired", "repaired"):
        row, expected = effects.loc[f"{state} vs intact"], fixed[f"state{state}"]
        assert row["estimate"] == pytest.approx(expected["est"], abs=1e-4)
        assert row["se"] == pytest.approx(expected["se"], rel=1e-3)
    difference = fixed["staterepaired"]["est"] - fixed["stateunrepaired"]["est"]
    assert effects.loc["repaired vs unrepaired", "estimate"] == pytest.approx(difference, abs=2e-4)
