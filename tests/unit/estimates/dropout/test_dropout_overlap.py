"""Rates and overlap of the definitions of dropout, against counts by hand."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.estimates.dropout.dropout_overlap import clustered_share, dropout_overlap
from tests.unit.toy_treatments import INSTRUMENTS, toy_tables

FRAME = pd.DataFrame(
    {
        "patient_id": list("abcdefgh"),
        "ending": ["dropout"] * 3 + ["completed"] * 3 + ["ongoing", "dropout"],
        "missed_last_appointment": pd.array([1, 1, 0, 1, 0, pd.NA, pd.NA, 1], dtype="Int64"),
        "therapist_id": ["x", "y"] * 4,
        "attended": [3, 5, 2, 9, 9, 9, 4, 0],
    }
)


def overlap(frame=FRAME):
    return dropout_overlap(frame, rng=np.random.default_rng(1))


def test_rates_are_of_treatments_that_began_and_ended():
    rates = overlap().rates.set_index("dropout_definition")
    assert rates.loc["recorded_ending", ["ended", "patients", "events"]].tolist() == [6, 6, 3]
    missed = rates.loc["missed_last_appointment"]
    assert missed[["ended", "patients", "events"]].tolist() == [6, 5, 3]
    assert missed["rate"] == pytest.approx(3 / 5)
    assert (rates["ci_low"] <= rates["rate"]).all()
    assert (rates["rate"] <= rates["ci_high"]).all()


def test_pairs_count_patients_whom_both_can_classify():
    pairs = overlap().pairs
    pair = pairs[pairs["definition_b"] == "missed_last_appointment"].iloc[0]
    assert pair["definition_a"] == "recorded_ending"
    assert pair[["n", "both", "only_a", "only_b", "neither"]].tolist() == [5, 2, 1, 1, 1]
    assert pair["kappa"] == pytest.approx((3 / 5 - 13 / 25) / (1 - 13 / 25))


def test_patterns_are_exact_sets_among_those_whom_all_classify():
    found = overlap().patterns.set_index("detected_by")["patients"]
    assert found.sum() == 5
    assert found["recorded_ending + missed_last_appointment"] == 1
    assert found["recorded_ending + missed_last_appointment + first_sessions"] == 1


def test_identities_on_a_whole_study():
    tables = toy_tables()
    treatments = treatment_endings(
        tables["sessions"], tables["patients"], tables["endings"], INSTRUMENTS
    )
    found = overlap(treatments)
    assert len(found.rates) == 6
    assert len(found.pairs) == 15
    cells = found.pairs[["both", "only_a", "only_b", "neither"]].sum(axis=1)
    assert (cells == found.pairs["n"]).all()
    assert found.patterns["patients"].sum() == found.patterns["n"].iloc[0]
    rates = found.rates.set_index("dropout_definition")
    pair = found.pairs.query("definition_a == 'recorded_ending' & n == @rates.ended.iloc[0]")
    assert (pair["both"] + pair["only_a"] == rates.loc["recorded_ending", "events"]).all()


def test_therapists_whose_patients_are_alike_widen_the_interval():
    rng = np.random.default_rng(2)
    therapist = np.repeat(np.arange(20), 20)
    alike = np.repeat(rng.random(20) < 0.3, 20)
    mixed = rng.permutation(alike)
    wide, narrow = (clustered_share(yes, therapist, 0.95) for yes in (alike, mixed))
    assert wide[0] == narrow[0]
    assert wide[2] - wide[1] > 2 * (narrow[2] - narrow[1])


def test_independent_patients_give_wilson():
    # R: prop.test(5, 20, correct = FALSE)$conf.int, recalled formula worked by hand
    p, n, z = 0.25, 20, 1.959963984540054
    middle, half = (p + z**2 / 2 / n), z * np.sqrt(p * (1 - p) / n + z**2 / 4 / n**2)
    expected = [(middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)]
    assert clustered_share(np.arange(20) < 5, np.zeros(20, int), 0.95)[1:] == pytest.approx(
        expected
    )


@pytest.mark.parametrize("yes", [np.zeros(8, bool), np.ones(8, bool)])
def test_nobody_and_everybody_have_a_width(yes):
    share, low, high = clustered_share(yes, np.arange(8) % 3, 0.95)
    assert low <= share <= high
    assert high - low > 0.2


def test_nobody_ended():
    found = overlap(FRAME.assign(ending="ongoing"))
    assert found.rates.empty
    assert found.pairs.empty
    assert found.patterns.empty


def test_no_therapist_is_known():
    rates = overlap(FRAME.assign(therapist_id=pd.NA)).rates
    assert rates["reason"].str.contains("one_therapist_rates").all()
    assert rates["ci_low"].notna().all()
