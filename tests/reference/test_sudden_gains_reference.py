"""Sudden gains in the example series of the R package suddengains."""

import pandas as pd
import pytest

from rupture_outcome.coding.sudden_changes import sudden_changes


@pytest.fixture(scope="module")
def scores(public_file) -> pd.DataFrame:
    data = pd.read_csv(public_file("suddengains_sgdata.csv"), index_col="id")
    return data[[f"bdi_s{i}" for i in range(1, 13)]]


@pytest.mark.parametrize(("stability", "gains", "persons"), [("package", 24, 15), ("t", 27, 17)])
def test_gains_and_persons(scores, stability, gains, persons) -> None:
    coded = sudden_changes(scores, cut=7, share=0.25, stability=stability)
    assert len(coded.events) == gains
    assert coded.events["patient_id"].nunique() == persons
    assert (coded.persons["changes"] > 0).sum() == persons


def test_steps_that_could_be_analysed(scores) -> None:
    steps = sudden_changes(scores, cut=7, stability="package").intervals
    testable = steps["all"] != "not_testable"
    assert (testable.sum(), (~testable).sum()) == (298, 89)
