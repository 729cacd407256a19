"""Gray's test from the landmark against R (cmprsk 2.2-11)."""

import pytest

from rupture_outcome.estimates.landmark.landmark_contrasts import Draws, landmark_contrasts

NAMES = {"stay": "none", "completed": "agreed_ending"}


def test_gray_is_that_of_cuminc(study):
    data, fits = study
    reference = fits["landmark6"]
    rows = data.assign(
        time=data["session"],
        event=data["event"].replace(NAMES),
        definition="drop_rci",
        repair_rule="psq_resolved",
    )
    found = landmark_contrasts(rows, [6], 12, Draws(replicates=2))
    tests = found[found["measure"].eq("gray")].set_index("cause")
    for expected in reference["gray"]:
        row = tests.loc[NAMES.get(expected["_row"], expected["_row"])]
        # Sums of a few hundred fractions on both sides; the reference file keeps 11 digits.
        assert row["statistic"] == pytest.approx(expected["stat"], abs=1e-9)
        assert row["p_value"] == pytest.approx(expected["pv"], abs=1e-9)
        assert row["df"] == expected["df"]
    shares = found[found["measure"].eq("incidence")].set_index(["contrast", "cause"])
    for name, at in reference["estimate"].items():
        state, cause = name.split()
        share = shares.loc[(state, NAMES.get(cause, cause)), "estimate"]
        assert share == pytest.approx(at["12"], abs=1e-9)
    n = shares.loc[(slice(None), "dropout"), "patients"].droplevel("cause")
    assert n[["unrepaired", "repaired"]].to_dict() == reference["n"]
