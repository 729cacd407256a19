import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from rupture_outcome.estimates.moderators.levels import (
    RuptureSources,
    holm,
    moderators_of,
    units_of,
)
from tests.unit.estimates.moderators.test_strategies_so_far import markers, ratings
from tests.unit.toy_sessions import toy_sessions

ROWS = toy_sessions(patients=60, definition="observer")
IDS = ROWS["patient_id"].cat.categories
PATIENTS = pd.DataFrame({"patient_id": IDS}).assign(
    population=np.where(np.arange(len(IDS)) % 2, "ptsd", "anxiety"),
    gender=pd.Series(["female", None, "male"] * 20),
    site_id=pd.Series([None] * 60, dtype="str"),
    unit_id=[f"U{i // 2}" if i < 20 else None for i in range(60)],
)
NOTHING = RuptureSources(
    pd.DataFrame(columns=["patient_id", "session", "definition", "verdict", "kind"]),
    markers(),
    ratings(),
)


def found(name, sources=NOTHING, least=0.5):
    return moderators_of(ROWS, [name], PATIENTS, sources, least)[0]


def test_a_column_of_the_patients():
    moderator = found("population")
    assert not moderator.reason
    assert not moderator.of_rupture
    expected = ROWS["patient_id"].map(PATIENTS.set_index("patient_id")["population"])
    assert moderator.level.astype(str).tolist() == expected.astype(str).tolist()
    assert found("gender").level.isna().any()


def test_what_is_nowhere_recorded_says_so():
    assert found("site_id").reason == "not_recorded"
    assert found("kind").reason == "kind_never_known"
    assert found("strategy").reason == "strategy_never_known"


def test_the_kind_is_that_of_the_onset():
    onsets = ROWS[ROWS["state"].eq("unrepaired")]
    ruptures = onsets[["patient_id", "session", "definition"]].assign(
        verdict="detected", kind="withdrawal"
    )
    moderator = found("kind", RuptureSources(ruptures, markers(), ratings()))
    assert moderator.of_rupture
    assert not moderator.reason
    before = ROWS["state"].eq("intact")
    assert moderator.level[before].isna().all()
    assert moderator.level[~before].eq("withdrawal").all()


def test_a_moderator_that_is_hardly_known_is_not_used():
    onsets = ROWS[ROWS["state"].eq("unrepaired")].iloc[:40]
    ruptures = onsets[["patient_id", "session", "definition"]].assign(
        verdict="detected", kind="both"
    )
    sources = RuptureSources(ruptures, markers(), ratings())
    assert found("kind", sources, least=0.9).reason.startswith("kind_hardly_known:0.")
    assert not found("kind", sources, least=0.0).reason


def test_couples_are_units_and_everybody_else_alone():
    units = pd.Series(units_of(ROWS, PATIENTS)).groupby(ROWS["patient_id"].to_numpy()).unique()
    assert units.map(len).eq(1).all()
    number = units.map(lambda each: each[0])
    assert number.nunique() == 10 + 40
    assert number.iloc[0] == number.iloc[1] != number.iloc[2]
    assert sorted(number.unique()) == list(range(50))


@pytest.mark.parametrize("p", [[0.01, 0.04, 0.03, 0.5], [0.9, 0.8], [0.02], [0.05, 0.05, 0.001]])
def test_holm_is_that_of_statsmodels(p):
    adjusted = holm({str(i): each for i, each in enumerate(p)})
    expected = multipletests(p, method="holm")[1]
    np.testing.assert_allclose([adjusted[str(i)] for i in range(len(p))], expected)


def test_what_was_not_tested_does_not_count():
    assert holm({"a": 0.02, "b": np.nan, "c": 0.03}) == {"a": 0.04, "c": 0.04}
