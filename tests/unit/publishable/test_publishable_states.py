"""What can be counted from published multistate tables is 0 or more than the threshold."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.multistate.aalen_johansen import ALL
from rupture_outcome.estimates.multistate.products import multistate
from rupture_outcome.publishable.states import landmark_counts, publishable_occupancy
from rupture_outcome.publishable.transitions import (
    publishable_hazards,
    publishable_times,
    publishable_what_if,
)
from tests.unit.estimates.multistate.test_multistate_products import MODELS
from tests.unit.toy_sessions import toy_sessions

T = 10
BOUNDS = ["estimate", "ci_low", "ci_high", "band_low", "band_high"]


@pytest.fixture(scope="module", params=[60, 300, 1500])
def study(request):
    rows = toy_sessions(patients=request.param)
    found = multistate(rows, MODELS | {"horizon": 12}, np.random.default_rng(1))
    return request.param, found.frames


def small(counts):
    return ((np.abs(counts) >= 1) & (np.abs(counts) <= T)).any()


@pytest.mark.parametrize("name", ["state_occupancy", "transition_probabilities"])
def test_no_small_count_from_thinned_curves(study, name):
    """Neither levels nor changes, of the shown states nor of what they leave, can be small."""
    frame = study[1][name]
    shown = publishable_occupancy(frame, T)
    keys = [key for key in ("start", "from") if key in frame] or ["definition"]
    for key, group in shown.groupby(keys, sort=False):
        patients = frame.loc[group.index, "at_risk"].iloc[0]
        wide = group.pivot_table("estimate", "session", "state", dropna=True) * patients
        if wide.empty:
            continue
        counts = np.round(wide.assign(rest=patients - wide.sum(axis=1)).to_numpy())
        assert not small(counts), key
        assert not any(small(counts[a] - counts[b]) for a, b in combinations(range(len(counts)), 2))
    assert shown.loc[shown["estimate"].isna(), BOUNDS].isna().all().all()
    assert list(shown.columns) == [*frame.columns, "withheld"]


def test_a_state_is_left_out_of_all_sessions_or_of_none(study):
    shown = publishable_occupancy(study[1]["state_occupancy"], T)
    known = shown.assign(known=shown["estimate"].notna()).groupby("session")["known"].sum()
    assert len(known[known > 0].unique()) <= 1


def test_many_patients_show_much_and_few_nothing(study):
    patients, frames = study
    known = publishable_occupancy(frames["state_occupancy"], T)["estimate"].notna().sum()
    assert known >= {60: 0, 300: 12, 1500: 40}[patients]


def test_numbers_at_risk_only_at_the_start(study):
    patients, frames = study
    shown = publishable_occupancy(frames["state_occupancy"], T)
    assert shown.loc[shown["session"].eq(0), "at_risk"].eq(patients).all()
    assert shown.loc[shown["session"].gt(0), "at_risk"].isna().all()


def test_full_curves_stop_where_few_are_at_risk(study):
    frame = study[1]["state_occupancy"]
    shown = publishable_occupancy(frame, T, full=True)
    few = frame["at_risk"].le(T)
    assert shown.loc[few, BOUNDS].isna().all().all()
    pd.testing.assert_frame_equal(shown.loc[~few, BOUNDS], frame.loc[~few, BOUNDS])


def test_close_to_a_published_count_is_not_shown():
    frames = multistate(toy_sessions(patients=1500), MODELS, np.random.default_rng(1)).frames
    frame = frames["state_occupancy"]
    free = publishable_occupancy(frame, T)
    row = free[free["estimate"].notna() & free["state"].eq("unrepaired")].iloc[-1]
    near = round(1500 * row["estimate"]) - 3
    shown = publishable_occupancy(frame, T, published={(int(row["session"]), "unrepaired"): near})
    there = shown[shown["session"].eq(row["session"]) & shown["state"].eq("unrepaired")]
    assert there["estimate"].isna().all()


def test_counts_at_landmarks_belong_to_the_session_before():
    primary = {"definition": "d", "repair_rule": "r"}
    incidence = pd.DataFrame(
        {"landmark": 4, "state": "repaired", "session": [4, 5], "at_risk": [100, 90], **primary}
    )
    assert landmark_counts(incidence, primary) == {(3, "repaired"): 100}


def hazards(events):
    """Pooled transitions: rows from, columns to in the order of all states."""
    rows = [
        {"session": pd.NA, "from": ALL[i], "to": ALL[j], "at_risk": 500, "events": n}
        for i, line in enumerate(events)
        for j, n in enumerate(line)
        if i != j
    ]
    frame = pd.DataFrame(rows).astype({"session": "Int64"})
    return frame.assign(estimate=frame["events"] / 500, ci_low=0.1, ci_high=0.2)


def test_a_small_cell_is_hidden_with_others_of_its_row_and_column():
    table = hazards([[0, 90, 40, 50, 60, 4], [0, 0, 80, 50, 70, 30], [0, 60, 0, 20, 40, 25]])
    shown = publishable_hazards(table, T).set_index(["from", "to"])
    hidden = shown["events"].isna()
    assert shown.loc[("intact", "other_ending"), "withheld"].startswith("events ≤10")
    assert shown.loc[hidden, "estimate"].isna().all()
    assert shown.loc[~hidden, "estimate"].notna().all()
    rows = hidden.groupby(level=0).sum()
    columns = hidden.groupby(level=1).sum()[list(ALL[3:])]
    assert all((line[line > 0] >= 2).all() for line in (rows, columns))
    assert not hidden.xs("dropout", level="to").any()


def test_nothing_is_hidden_without_need():
    table = hazards([[0, 90, 40, 50, 60, 0], [0, 0, 80, 50, 70, 0], [0, 60, 0, 20, 40, 0]])
    shown = publishable_hazards(table, T)
    assert shown["events"].notna().all()
    assert shown["withheld"].eq("").all()


def test_counts_of_single_sessions(study):
    frame = study[1]["transition_hazards"]
    assert publishable_hazards(frame, T)["session"].isna().all()
    shown = publishable_hazards(frame, T, full=True)
    assert len(shown) == len(frame)
    for column in ("at_risk", "events"):
        assert not shown[column].between(1, T).any()
    few = shown["at_risk"].isna()
    assert shown.loc[few, ["estimate", "ci_low", "events"]].isna().all().all()


def test_times_that_stand_for_few_are_withheld():
    row = {"state": "repaired", "ci_low": 0.0, "ci_high": 1.0, "horizon": 8, "note": "p = 0.4"}
    frame = pd.DataFrame(
        [
            row | {"measure": "expected_sessions", "estimate": 0.02, "events": np.nan},
            row | {"measure": "expected_sessions", "estimate": 2.0, "events": np.nan},
            row | {"measure": "ever_ruptured", "estimate": 0.97, "events": np.nan},
            row | {"measure": "odds_ratio_per_session_open", "estimate": 1.0, "events": 7.0},
            row | {"measure": "odds_ratio_per_session_open", "estimate": 1.0, "events": 70.0},
        ]
    )
    shown = publishable_times(frame, 300, T)
    assert shown["estimate"].notna().tolist() == [False, True, False, False, True]
    assert "events" not in shown
    assert shown["note"].tolist()[3] == ""


def test_what_if_is_shown_where_dropout_is(study):
    frames = study[1]
    occupancy = publishable_occupancy(frames["state_occupancy"], T)
    shown = publishable_what_if(frames["repair_what_if"], occupancy, T)
    dropout = occupancy[occupancy["state"].eq("dropout") & occupancy["estimate"].notna()]
    assert set(shown.loc[shown["estimate"].notna(), "session"]) <= set(dropout["session"])
    assert not {"patients", "therapists"} & set(shown.columns)


@pytest.mark.parametrize(("therapists", "patients"), [(1, 80), (5, 9)])
def test_a_best_quarter_of_few_is_withheld(study, therapists, patients):
    frames = study[1]
    what_if = frames["repair_what_if"].assign(therapists=np.nan, patients=np.nan)
    best = what_if["scenario"].eq("best_quarter")
    what_if.loc[best, ["therapists", "patients"]] = [therapists, patients]
    shown = publishable_what_if(what_if, frames["state_occupancy"], T)
    assert shown.loc[best, ["estimate", "difference", "shift"]].isna().all().all()
    assert shown.loc[~best, "withheld"].eq("").all()
