"""Cases are chosen for what they show, carry no identifier, and are the same on every run."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.estimates.cases.case_choice import ROLES
from rupture_outcome.estimates.cases.cases import DTYPES, coded_cases, no_cases
from tests.unit.coding.toy_series import INSTRUMENTS, study

CODING = {
    "definitions": {
        "drop_sd": {},
        "drop_rci": {"sd": 9.0},
        "running_chart": {},
        "control_chart": {},
        "v_shape": {},
        "strauss": {},
        "sudden_loss": {},
        "change_point": {},
        "psq_patient": {},
    },
    "repair_rules": {},
}
V = [50, 51, 50, 51, 50, 35, 50, 51, 50, 51, 50, 51]
SLOW = [56, 55, 52, 49, 46, 43, 41, 55, 56, 55, 56, 55]
TOP = [60, 59, 60, 60, 60, "missed", 60, 56, 60, 60, 60, 60]
REPORTED = [40, 41, 40, 41, 40, 41, 40, 41, 40, 41, 40, None]
RESTLESS = [42, 48, 54, 48] * 3
STEADY = [45, 46, 45, 46, 45, 46, 45, 46, 45, 46, 45, 46]


@pytest.fixture(scope="module")
def sessions() -> pd.DataFrame:
    named = {"A": STEADY, "B": REPORTED, "C": TOP, "D": SLOW, "E": V}
    frame = study({**named, **{f"X{i:02}": RESTLESS for i in range(20)}})
    reported = frame["patient_id"].eq("B") & frame["session"].isin([4, 8])
    return frame.assign(
        psq_patient_rupture=reported.astype(float),
        psq_patient_tension=np.where(reported, 4.0, 1.0),
    )


def cases_of(sessions: pd.DataFrame, truth: pd.DataFrame | None = None) -> pd.DataFrame:
    ruptures, scales = code_ruptures(sessions, None, INSTRUMENTS, CODING)
    return coded_cases(sessions, None, ruptures, scales, INSTRUMENTS, CODING, truth=truth)


@pytest.fixture(scope="module")
def cases(sessions) -> pd.DataFrame:
    return cases_of(sessions)


def course(cases: pd.DataFrame, role: str) -> list[float]:
    own = cases[cases["role"].eq(role)].drop_duplicates("session")
    return own.sort_values("session")["score"].dropna().tolist()


@pytest.mark.parametrize(
    ("role", "series"),
    [("clear_v", V), ("slow_decline", SLOW), ("dip_at_the_top", TOP), ("only_reported", REPORTED)],
)
def test_each_role_finds_its_course(cases, role, series):
    assert course(cases, role) == [x for x in series if isinstance(x, int)]


def test_columns_types_and_no_identifier(cases):
    assert {name: str(kind) for name, kind in cases.dtypes.items()} == DTYPES
    assert sorted(cases["case"].unique()) == [1, 2, 3, 4]
    assert cases.drop_duplicates("case")["role"].tolist() == list(ROLES)


def test_same_cases_whatever_the_order_of_rows(sessions, cases):
    shuffled = cases_of(sessions.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(shuffled, cases)


def test_configured_verdicts_are_those_of_the_coding(sessions, cases):
    ruptures, _ = code_ruptures(sessions, None, INSTRUMENTS, CODING)
    own = ruptures[ruptures["patient_id"].eq("E")]
    shown = cases[cases["role"].eq("clear_v") & cases["parameter"].isna()]
    expected = own.set_index(["definition", "session"])["verdict"].astype(str).sort_index()
    found = shown.set_index(["definition", "session"])["verdict"].sort_index()
    assert found.to_dict() == expected.to_dict()


@pytest.mark.parametrize("definition", ["drop_sd", "drop_rci", "running_chart", "control_chart"])
def test_scores_at_or_below_the_limit_are_the_ones_detected(cases, definition):
    """Of definitions with one criterion, at every value of the threshold."""
    own = cases[cases["definition"].eq(definition) & cases["limit"].notna()]
    chart = definition.endswith("chart")  # below the limit, not at it
    low = own["observed"] < own["limit"] - 1e-9 if chart else own["observed"] <= own["limit"] + 1e-9
    near = (own["observed"] - own["limit"]).abs() < 1e-9
    found = own["verdict"].eq("detected")
    assert (low == found)[~near].all()
    assert found.any()


def test_v_shape_limit_is_its_first_criterion(cases):
    own = cases[cases["definition"].eq("v_shape") & cases["verdict"].eq("detected")]
    assert len(own)
    assert (own["observed"] <= own["limit"]).all()


def test_missed_sessions_stay_without_a_verdict(cases):
    own = cases[cases["role"].eq("dip_at_the_top") & cases["session"].eq(6)]
    assert own["attended"].eq(0).all()
    assert own[["score", "verdict", "limit"]].isna().all(axis=None)


def test_limits_move_with_the_threshold(cases):
    own = cases.query("role == 'clear_v' and definition == 'drop_sd' and session == 6")
    swept = own[own["parameter"].notna()].sort_values("value")
    assert swept["limit"].is_monotonic_decreasing
    assert swept["verdict"].iloc[0] == "detected"


def test_truth_is_beside_the_codes(sessions):
    truth = sessions[["patient_id", "session"]].assign(latent_state="intact", latent_onset=0)
    known = cases_of(sessions, truth)
    assert known["true_state"].eq("intact").all()
    assert known["true_onset"].eq(0).all()


def test_nothing_chosen_is_an_empty_frame_with_columns(sessions):
    few = sessions[sessions["patient_id"].eq("A") & sessions["session"].lt(6)]
    found = cases_of(few)
    pd.testing.assert_frame_equal(found, no_cases())
