import pandas as pd

from rupture_outcome.estimates.state_sessions import state_sessions


def test_tested_and_untested_sessions_make_up_all():
    rows = pd.DataFrame(
        {
            "patient_id": list("aaabbc"),
            "state": ["intact", "unrepaired", "repaired", "intact", "unrepaired", "intact"],
            "testable": [True, False, True, True, True, False],
            "dropout": [0, 0, 0, 0, 1, 1],
            "at_risk": [True] * 5 + [False],
        }
    )
    found = state_sessions(rows).set_index(["state", "tested"])
    parts = found.loc[(slice(None), ["tested", "untested"]), ["sessions", "dropouts"]]
    whole = found.xs("all", level="tested")[["sessions", "dropouts"]]
    pd.testing.assert_frame_equal(parts.groupby("state").sum(), whole.sort_index())
    assert whole["sessions"].sum() == rows["at_risk"].sum()
    assert found.loc[("unrepaired", "all"), "rate"] == 0.5
    assert found.loc[("repaired", "untested"), ["sessions", "dropouts"]].tolist() == [0, 0]
