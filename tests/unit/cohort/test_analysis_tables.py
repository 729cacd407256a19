"""A session that no model counts has no outcome, and a missed one is no rupture."""

import pandas as pd

from rupture_outcome.cohort.analysis_tables import session_table


def test_a_missed_session_has_neither_verdict_nor_state() -> None:
    seen = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], "attended": [1, 0, 1]})
    by = {"definition": "drop_sd", "repair_rule": "half_recovery"}
    held = seen[seen["attended"].eq(1)].assign(**by)
    ruptures = held.assign(verdict=["not_testable", "not_detected"])
    states = held.assign(state="intact")
    rows = states.assign(time=[1, 2], event="none", dropout=0, at_risk=[True, False])
    made = session_table(seen.assign(day=None), ruptures, states, rows, by)
    assert "day" not in made
    assert made["rupture_drop_sd"].tolist()[2] == 0
    assert made["rupture_drop_sd"].isna().tolist() == [True, True, False]
    assert made["state_drop_sd"].isna().tolist() == [False, True, False]
    assert made["at_risk"].tolist()[::2] == [1, 0]
