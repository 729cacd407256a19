"""Counts of the flow, by hand; they add up whoever cannot be judged."""

import numpy as np
import pandas as pd

from rupture_outcome.estimates.failure.cutoffs import FailureSettings
from rupture_outcome.estimates.failure.end_status import end_status
from rupture_outcome.estimates.failure.failure_flow import FLOW_COLUMNS, VIEWS, failure_flow
from tests.unit.estimates.failure.test_end_status import PHQ9, SCORES, study
from tests.unit.estimates.failure.test_failure_effects import world


def flow_of(followed, sessions, patients, instrument=PHQ9):
    status = end_status(followed, sessions, patients, {"p": instrument}, FailureSettings())
    return failure_flow(followed, status)


def counts(flow, by, level, view, end_point="last_rating"):
    match = {"by": by, "level": level, "view": view, "end_point": end_point}
    part = flow[np.logical_and.reduce([flow[key].eq(value) for key, value in match.items()])]
    return {row["end"]: row["patients"] for row in part.to_dict("records") if row["patients"]}


def test_nine_patients_by_hand():
    followed, sessions, patients = study()
    open_now = followed["patient_id"].isin(["improves", "same"]) & followed["session"].eq(1)
    stayed = followed["patient_id"].isin(["same", "worse"]) & followed["event"].ne("none")
    followed = followed.assign(
        state=followed["state"].mask(open_now, "unrepaired"),
        event=followed["event"].mask(stayed, "agreed_ending"),
    )
    flow = flow_of(followed, sessions, patients)
    assert tuple(flow.columns) == FLOW_COLUMNS
    cells = {"left_better": 2, "left_not_better": 1, "stayed_not_better": 2, "not_judged": 4}
    assert counts(flow, "all", "all", "cells") == cells
    # the rupture of the other one is over in its second session, before its last score
    assert counts(flow, "repair", "unrepaired", "cells") == {"stayed_not_better": 1}
    assert counts(flow, "repair", "not_known", "cells") == {"not_judged": 1}
    assert counts(flow, "start", "functional", "status") == {"harmed": 1}
    why = {"not_followed": 1, "in_treatment": 1, "never_rated": 1, "rated_once": 1}
    assert counts(flow, "all", "all", "not_judged") == why


def test_everybody_is_counted_once_in_every_view():
    rows, scored = world(150)
    some = (scored["patient_id"] % 4 == 0) & (scored["session"] > 1 + scored["patient_id"] % 6)
    people = pd.DataFrame({"patient_id": scored["patient_id"].unique()})
    flow = flow_of(rows, scored.assign(symptom=scored["symptom"].mask(some)), people)
    for end_point in ("last_rating", "modelled"):
        own = flow[flow["end_point"].eq(end_point)]
        for by in ("all", "repair", "start"):
            for view in ("cells", "status"):
                part = own[own["by"].eq(by) & own["view"].eq(view)]
                assert part["patients"].sum() == 150
                assert part.drop_duplicates("level")["all"].sum() == 150
        why = own[own["view"].eq("not_judged")]
        assert why["patients"].sum() == counts(flow, "all", "all", "cells", end_point)["not_judged"]
    known = flow[flow["all"] > 0]
    np.testing.assert_allclose(known["share"], known["patients"] / known["all"])


def test_nobody_judged_is_a_row_with_its_reason():
    followed, sessions, patients = study()
    flow = flow_of(followed, sessions, patients, {**PHQ9, "reliability": None})
    assert counts(flow, "all", "all", "cells") == {"not_judged": len(SCORES)}
    assert counts(flow, "all", "all", "not_judged")["no_index"] == 5
    assert set(flow.loc[flow["by"].eq("all"), "view"]) == set(VIEWS)
