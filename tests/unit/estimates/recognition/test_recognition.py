"""Which ruptures of one reporter another one sees."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.recognition.recognition import (
    RECOGNITION_COLUMNS,
    recognition,
    reporters_of,
)

REPORTERS = {"p": "patient", "t": "therapist"}
VERDICT = {1: "detected", 0: "not_detected", None: "not_testable"}


def verdicts(**by_patient) -> pd.DataFrame:
    """One row a patient, session and definition, from lists of 1, 0 and None."""
    rows = [
        (patient, session, definition, VERDICT[value])
        for patient, own in by_patient.items()
        for definition, values in own.items()
        for session, value in enumerate(values, 1)
    ]
    return pd.DataFrame(rows, columns=["patient_id", "session", "definition", "verdict"])


def sessions_of(ruptures: pd.DataFrame, therapists: dict | None = None) -> pd.DataFrame:
    rows = ruptures[["patient_id", "session"]].drop_duplicates()
    return rows.assign(therapist_id=rows["patient_id"].map(therapists or {}))


SMALL = verdicts(
    a={"p": [1, 0, 1, None], "t": [1, 0, 0, 1]},
    b={"p": [0, 1, 1], "t": [0, None, 1]},
)


def row(table: pd.DataFrame, a: str, b: str, lag: int) -> pd.Series:
    own = table["definition"].eq(a) & table["by_definition"].eq(b) & table["lag"].eq(lag)
    return table[own].iloc[0]


def test_a_small_study_by_hand():
    table = recognition(SMALL, sessions_of(SMALL, {"a": "t1", "b": "t2"}), REPORTERS, 0.95)
    assert list(table) == list(RECOGNITION_COLUMNS)
    assert len(table) == 6
    same = row(table, "p", "t", 0)  # a1, a3, b3; b2 could not be seen by the therapist
    assert (same["ruptures"], same["recognised"], same["missed"]) == (3, 2, 1)
    assert same["sessions"] == 5  # a4 and b2 were not asked of both
    assert same["expected"] == pytest.approx(2 / 5)
    assert (same["reporter"], same["by"]) == ("patient", "therapist")
    assert (same["patients"], same["therapists"]) == (2, 2)
    after = row(table, "p", "t", 1)  # a1 → a2 no, a3 → a4 yes, b2 → b3 yes; b3 is the last
    assert (after["ruptures"], after["recognised"]) == (3, 2)
    before = row(table, "t", "p", -1)  # a4 → a3 yes, b3 → b2 yes; a1 is the first
    assert (before["ruptures"], before["recognised"]) == (2, 2)
    assert same["reason"].startswith("few_ruptures_compared")


def test_who_sees_a_rupture_before_sees_what_the_other_sees_after():
    table = recognition(SMALL, sessions_of(SMALL), REPORTERS, 0.95)
    for lag in (-1, 0, 1):
        one, other = row(table, "p", "t", lag), row(table, "t", "p", -lag)
        assert one["recognised"] == other["recognised"]
        assert one["sessions"] == other["sessions"]


def test_what_could_not_be_compared_has_its_row():
    kept = SMALL["verdict"].where(SMALL["definition"].eq("p"), "not_testable")
    nobody = SMALL.assign(verdict=kept)
    table = recognition(nobody, sessions_of(nobody), REPORTERS, 0.95)
    assert (table["ruptures"] == 0).all()
    assert table["share"].isna().all()
    assert table["reason"].eq("no_rupture_compared").all()
    alone = recognition(SMALL[SMALL["definition"].eq("p")], sessions_of(SMALL), REPORTERS, 0.95)
    assert alone.empty
    assert list(alone) == list(RECOGNITION_COLUMNS)


def test_therapists_who_differ_are_told():
    """40 therapists of SD 1 and 50 ruptures each: the interval holds 1, and not 0."""
    rng = np.random.default_rng(3)
    skill = rng.normal(size=40)
    chance = 1 / (1 + np.exp(-np.repeat(skill, 50)))
    seen = (rng.random(2000) < chance).astype(int)
    by = {f"p{k}": {"p": [1] * 50, "t": seen[50 * k : 50 * (k + 1)].tolist()} for k in range(40)}
    ruptures = verdicts(**by)
    therapists = {f"p{k}": f"t{k}" for k in range(40)}
    table = recognition(ruptures, sessions_of(ruptures, therapists), REPORTERS, 0.95)
    found = row(table, "p", "t", 0)
    assert 0 < found["sd_low"] < 1 < found["sd_high"] < 2
    assert found["share"] == pytest.approx(seen.mean())
    naive = 1.96 * np.sqrt(seen.mean() * (1 - seen.mean()) / 2000)
    assert found["share_high"] - found["share"] > 2 * naive  # therapists are the units


def test_reporters_are_those_of_the_columns_that_a_definition_reads():
    scores = {"definition": "drop_rci", "source": "alliance_therapist"}
    coding = {"definitions": {"psq_patient": {}, "doubt": scores, "observer": {}}}
    found = {"psq_patient": "patient", "doubt": "therapist", "observer": "observer"}
    assert reporters_of(coding) == found
