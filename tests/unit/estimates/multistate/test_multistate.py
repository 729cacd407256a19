"""Courses, transition matrices and what follows from them, against hand counts and identities."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.cumulative_incidence import cumulative_incidence
from rupture_outcome.estimates.landmark.landmark import CAUSES
from rupture_outcome.estimates.multistate.aalen_johansen import (
    ALL,
    courses,
    ever,
    expected_sessions,
    occupancy,
    transition_matrices,
    transition_probabilities,
)
from tests.unit.toy_sessions import toy_sessions

ROWS = toy_sessions(patients=500)


def sessions(*courses_of):
    """Rows of patients given as (times, states, event after the last)."""
    rows = [
        {"patient_id": f"p{p}", "time": time, "state": state, "event": "none"}
        for p, (times, states, _) in enumerate(courses_of)
        for time, state in zip(times, states, strict=True)
    ]
    frame = pd.DataFrame(rows)
    last = ~frame["patient_id"].duplicated(keep="last")
    frame.loc[last, "event"] = [event for *_, event in courses_of]
    return frame


def curve(rows, horizon=None):
    course = courses(rows, horizon)
    shares = occupancy(course.initial(), transition_matrices(course.counts()))
    return pd.DataFrame(shares, index=course.times, columns=list(ALL))


def test_three_patients_by_hand():
    found = curve(
        sessions(
            ([1, 2, 3], ["intact", "unrepaired", "repaired"], "agreed_ending"),
            ([1, 2], ["intact", "unrepaired"], "dropout"),
            ([1], ["unrepaired"], "other_ending"),
        )
    )
    third = 1 / 3
    assert found.loc[0, ["intact", "unrepaired"]].tolist() == pytest.approx([2 * third, third])
    assert found.loc[1, ["unrepaired", "other_ending"]].tolist() == pytest.approx(
        [2 * third, third]
    )
    assert found.loc[2, ["repaired", "dropout", "other_ending"]].tolist() == pytest.approx(
        [third] * 3
    )
    assert found.loc[3, ["agreed_ending", "dropout"]].tolist() == pytest.approx([third] * 2)


def test_without_censoring_it_is_the_share_of_patients():
    found = curve(ROWS)
    at_five = ROWS[ROWS["time"] == 5]["state"].value_counts() / 500
    for state, share in at_five.items():
        assert found.loc[4, state] == pytest.approx(share)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_dropout_is_the_cumulative_incidence_when_one_state_is_held():
    """With a single state the product integral is the Aalen–Johansen curve of competing causes."""
    rng = np.random.default_rng(2)
    last = ROWS.drop_duplicates("patient_id", keep="last")
    event = last["event"].where(rng.random(len(last)) < 0.7, "none")
    rows = ROWS.assign(state="intact", event="none")
    rows.loc[last.index, "event"] = event
    curves = cumulative_incidence(
        last["time"], event, pd.Series("all", index=last.index), causes=CAUSES
    )
    found = curve(rows)
    for cause in CAUSES:
        expected = curves.loc[curves["cause"].eq(cause), "estimate"]
        np.testing.assert_allclose(found[cause], expected, atol=1e-12)


def test_a_missed_session_holds_the_state_and_the_last_of_one_week_counts():
    gap = curve(sessions(([1, 4], ["intact", "unrepaired"], "dropout")))
    assert gap["intact"].tolist() == [1, 1, 1, 0, 0]
    assert gap["unrepaired"].tolist() == [0, 0, 0, 1, 0]
    twice = curve(sessions(([1, 2, 2], ["intact", "unrepaired", "repaired"], "dropout")))
    assert twice["repaired"].tolist() == [0, 1, 0]


def test_who_begins_later_is_at_risk_from_then_on():
    late = sessions(([1, 2], ["intact", "intact"], "dropout"), ([3], ["intact"], "agreed_ending"))
    counts = courses(late).counts().sum(axis=(-2, -1))
    assert counts.tolist() == [1, 1, 1]


def test_the_censored_are_at_risk_at_their_last_session():
    rows = sessions(([1], ["intact"], "none"), ([1, 2], ["intact", "intact"], "dropout"))
    assert courses(rows).counts().sum(axis=(-2, -1)).tolist() == [2, 1]
    assert curve(rows)["dropout"].tolist() == [0, 0, 1]


def test_transition_probabilities_multiply():
    """P(0, t) = P(0, s) P(s, t), and the initial distribution times P(0, t) is the occupancy."""
    course = courses(ROWS)
    matrices = transition_matrices(course.counts())
    whole, late = (transition_probabilities(matrices, after) for after in (0, 4))
    shares = occupancy(course.initial(), matrices)
    np.testing.assert_allclose(course.initial()[:3] @ whole[:, -1], shares[-1])
    passed = np.concatenate([late[:, -1], np.eye(6)[3:]])
    np.testing.assert_allclose(whole[:, 4] @ passed, whole[:, -1])


def test_expected_sessions_are_the_mean_number_attended():
    course = courses(ROWS, 8)
    spent = expected_sessions(occupancy(course.initial(), transition_matrices(course.counts())))
    early = ROWS[ROWS["time"] <= 8]
    mean = early.groupby("state", observed=True).size() / 500
    for i, state in enumerate(ALL[:3]):
        assert spent[i] == pytest.approx(mean[state])
    assert spent.sum() == pytest.approx(8)


def test_ever_ruptured_is_the_share_with_a_rupture():
    course = courses(ROWS)
    found = ever(course.initial(), transition_matrices(course.counts()), (1, 2))
    share = ROWS["state"].ne("intact").groupby(ROWS["patient_id"], observed=True).any().mean()
    assert found == pytest.approx(share)


def test_weights_repeat_patients():
    course = courses(ROWS)
    weights = np.random.default_rng(1).integers(0, 3, (2, 500)).astype(float)
    ids = ROWS["patient_id"].cat.categories.repeat(weights[1].astype(int))
    copies = [ROWS[ROWS["patient_id"] == patient] for patient in ids[:40]]
    some = np.zeros(500)
    np.add.at(some, course.patients.get_indexer(ids[:40]), 1.0)
    repeated = pd.concat([c.assign(patient_id=f"c{i:03d}") for i, c in enumerate(copies)])
    expected = courses(repeated, course.end).counts()
    np.testing.assert_allclose(course.counts(some)[: expected.shape[0]], expected)
    np.testing.assert_allclose(course.counts(weights)[1], course.counts(weights[1]))


@pytest.mark.parametrize(
    ("rows", "message"),
    [(ROWS.head(0), "no person-sessions"), (ROWS.assign(state="open"), "unknown state")],
)
def test_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        courses(rows)
