"""All frames at once, from tidy and from messy studies."""

import json

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.multistate.products import (
    FRAMES,
    NO_THERAPIST,
    ONE_THERAPIST,
    multistate,
)
from tests.unit.toy_sessions import toy_sessions

MODELS = {
    "link": "logit",
    "quadrature": 1,
    "covariates": ["severity"],
    "min_events": 5,
    "confidence": 0.95,
    "min_testable": 0.5,
    "horizon": 8,
    "replicates": 100,
    "resampled": "therapists_and_patients",
    "landmarks": [3, 99],
}
ROWS = toy_sessions(patients=300)
LEADING = {
    "state_occupancy": ["session", "state", "estimate", "ci_low", "ci_high", "band_low"],
    "transition_probabilities": ["start", "from", "session", "state", "estimate", "ci_low"],
    "transition_hazards": ["session", "from", "to", "at_risk", "events", "estimate"],
    "time_in_state": ["measure", "state", "estimate", "ci_low", "ci_high", "horizon"],
    "repair_what_if": ["scenario", "session", "estimate", "ci_low", "ci_high", "difference"],
}


def run(rows, **changes):
    return multistate(rows, MODELS | changes, np.random.default_rng(1))


@pytest.fixture(scope="module")
def found():
    return run(ROWS)


def test_frames_lead_with_the_columns_of_the_contract(found):
    assert tuple(found.frames) == FRAMES
    for name, columns in LEADING.items():
        frame = found.frames[name]
        assert list(frame.columns)[: len(columns)] == columns
        assert frame["definition"].eq("drop_rci").all()
        assert (frame["reason"] == "").mean() > 0.3


def test_intervals_hold_the_estimate_and_bands_hold_intervals(found):
    frame = found.frames["state_occupancy"].dropna()
    assert (frame["band_low"] <= frame["ci_low"]).all()
    assert (frame["ci_low"] <= frame["estimate"]).all()
    assert (frame["estimate"] <= frame["ci_high"]).all()
    assert (frame["ci_high"] <= frame["band_high"]).all()
    assert frame["session"].max() == 8


def test_hazards_add_up_to_the_occupancy(found):
    hazards, occupied = found.frames["transition_hazards"], found.frames["state_occupancy"]
    last = occupied[occupied["session"].eq(8) & occupied["state"].eq("dropout")]
    pooled = hazards[hazards["session"].isna() & hazards["to"].eq("dropout")]
    assert pooled["events"].sum() == round(300 * last["estimate"].item())
    by_session = hazards[hazards["session"].notna() & hazards["to"].eq("dropout")]
    assert by_session["events"].sum() == pooled["events"].sum()


def test_same_seed_same_numbers(found):
    again = run(ROWS)
    for name in FRAMES:
        pd.testing.assert_frame_equal(again.frames[name], found.frames[name])


def test_fits_can_be_written(found):
    assert [fit["model"] for fit in found.fits] == [
        "therapists:repair",
        "markov_check",
    ]
    json.dumps(found.fits)


def held(**columns):
    return ROWS.assign(**columns)


MESSY = {
    "one therapist": held(therapist_id="T1"),
    "no therapist": held(therapist_id=pd.Categorical([None] * len(ROWS))),
    "two therapists": held(therapist_id=np.where(ROWS["x_severity"] > 0, "T1", "T2")),
    "everything censored": held(event="none", dropout=0),
    "no rupture": held(state="intact"),
    "nobody repaired": held(state=ROWS["state"].astype(str).replace("repaired", "unrepaired")),
    "one patient": ROWS[ROWS["patient_id"].eq("p00007")],
    "three patients": ROWS[ROWS["patient_id"].isin(["p00001", "p00002", "p00003"])],
    "one session each": ROWS[ROWS["time"].eq(1)].assign(event="dropout", dropout=1, testable=True),
    "weeks from 0 with gaps": held(time=(ROWS["time"] - 1) * 2 // 3 * 2),
    "a covariate that is constant": held(x_severity=0.0),
}


@pytest.mark.parametrize("rows", MESSY.values(), ids=MESSY)
def test_messy_studies_give_frames_and_reasons(rows):
    found = run(rows)
    occupied = found.frames["state_occupancy"]
    totals = occupied.groupby("session")["estimate"].sum()
    np.testing.assert_allclose(totals, 1.0)
    for fit in found.fits:
        assert fit["converged"] or fit["reason"]
    what_if = found.frames["repair_what_if"]
    unknown = what_if[what_if["estimate"].isna()]
    assert unknown["reason"].str.startswith("not_estimable").all()


@pytest.mark.parametrize(
    ("study", "note"), [("one therapist", ONE_THERAPIST), ("no therapist", NO_THERAPIST)]
)
def test_intervals_without_therapists_are_marked(study, note):
    assert run(MESSY[study]).frames["state_occupancy"]["reason"].eq(note).all()


def test_a_definition_that_was_hardly_tested_has_no_estimate():
    for frame in run(held(testable=False)).frames.values():
        assert frame["estimate"].isna().all()
        assert frame["reason"].str.startswith("not_estimable; hardly_tested:0").all()


def test_the_horizon_of_the_data():
    assert run(ROWS, horizon=None).frames["state_occupancy"]["session"].max() == 12
