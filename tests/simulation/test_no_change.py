"""What is detected where nothing changes: against a published table and a closed form."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.coding.detect import apply
from rupture_outcome.coding.scales import Instrument
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.slots import Slots
from rupture_outcome.coding.sudden_criteria import MET, Criteria, judge
from rupture_outcome.estimates.prevalence.no_change import (
    NoChange,
    expected_without_change,
    no_change_of,
)
from tests.unit.coding.toy_series import INSTRUMENTS, chosen, constants, panel_of, study

# Vittengl et al. 2015, table 2: share of persons with a sudden gain, by reliability and number of
# measures of the BDI.
PUBLISHED = {
    0.90: {10: 0.046, 15: 0.079, 20: 0.110},
    0.80: {10: 0.092, 15: 0.153, 20: 0.215},
    0.70: {10: 0.117, 15: 0.193, 20: 0.267},
}
# The source's simulation has an error too, and its rounding and ends are not all known.
TOLERANCE = 0.02
PERSONS = 40_000  # standard error of a share at most .0023


def scores(world: NoChange, persons: int, measures: int, rng: np.random.Generator) -> np.ndarray:
    person = np.repeat(np.arange(persons), measures)
    return world.scores(person, persons, rng).reshape(persons, measures)


@pytest.mark.parametrize("measures", [10, 15, 20])
@pytest.mark.parametrize("reliability", list(PUBLISHED))
def test_sudden_gains_by_chance(reliability, measures) -> None:
    world = NoChange(mean=20, sd=12, reliability=reliability, low=0, high=63)
    rng = np.random.default_rng([20261123, measures, int(100 * reliability)])
    slots = Slots.of_wide(scores(world, PERSONS, measures, rng))
    met = judge(slots.scores, Criteria(cut=7, share=0.25, stability="t")).all == MET
    share = len(np.unique(slots.person[slots.cell(np.flatnonzero(met))])) / PERSONS
    assert share == pytest.approx(PUBLISHED[reliability][measures], abs=TOLERANCE)


def test_the_world_is_as_described() -> None:
    world = NoChange(mean=20, sd=12, reliability=0.8, whole=False)
    x = scores(world, PERSONS, 2, np.random.default_rng(1))
    assert x.mean() == pytest.approx(20, abs=0.2)
    assert x.std() == pytest.approx(12, abs=0.2)
    assert np.corrcoef(x.T)[0, 1] == pytest.approx(0.8, abs=0.01)
    short = NoChange(20, 12, 0.8, low=0, high=30)
    bounded = scores(short, 500, 3, np.random.default_rng(1))
    assert (bounded.min(), bounded.max()) == (0, 30)
    assert (bounded == np.rint(bounded)).all()


def observed(patients: int = 300) -> pd.DataFrame:
    """Sessions with decimals, unrated and missed ones."""
    rng = np.random.default_rng(5)
    course = [rng.normal(40, 8) + rng.normal(0, 4, 10) for _ in range(patients)]
    gaps = [rng.choice(["rated", None, "missed"], 10, p=[0.8, 0.1, 0.1]) for _ in range(patients)]
    return study(
        {
            f"p{i:03}": [v if g == "rated" else g for v, g in zip(x, gap, strict=True)]
            for i, (x, gap) in enumerate(zip(course, gaps, strict=True))
        }
    )


def expected(panel: Panel, names: list[str], instruments: dict, replicates: int = 40):
    asked = [chosen(name) for name in names]
    known = {c.rule.id: constants(panel, c) for c in asked}
    rng = np.random.default_rng(6)
    return expected_without_change(panel, asked, known, instruments, rng=rng, replicates=replicates)


def test_reliable_change_is_exceeded_in_one_of_forty_testable_sessions() -> None:
    # Without ends and rounding, a difference of two errors is normal with the SD that reliable
    # change assumes: a fall beyond 1.96 of it has a chance of .025.
    panel = panel_of(observed())
    unbounded = {"wai": {"measures": "alliance_patient", "direction": 1, "reliability": 0.92}}
    definition = chosen("drop_rci")
    testable = apply(panel, definition, constants(panel, definition)).testable.sum()
    found = expected(panel, ["drop_rci", "psq_patient"], unbounded)
    assert set(found) == {"drop_rci"}
    assert found["drop_rci"] / testable == pytest.approx(0.025, abs=0.002)


def test_the_studys_own_figures_are_taken() -> None:
    panel = panel_of(study({"a": [50, 10], "b": [None, 40], "c": [30, 20]}))
    world = no_change_of(panel, "alliance_patient", Instrument("wai", 1, 0.9, 12, 60))
    assert world == NoChange(
        mean=40, sd=pytest.approx(10), reliability=0.9, low=12, high=60, whole=True
    )
    turned = panel.with_column("symptom", -panel["alliance_patient"] + 0.5)
    symptom = no_change_of(turned, "symptom", Instrument("phq9", -1, 0.9, 0, 60))
    assert (symptom.mean, symptom.low, symptom.high, symptom.whole) == (-39.5, -60, 0, False)


def test_without_a_reliability_nothing_is_expected() -> None:
    panel = panel_of(study({"a": [50, 10], "b": [None, 40]}))
    unreliable = {"wai": {**INSTRUMENTS["wai"], "reliability": None}}
    assert expected(panel, ["drop_rci"], unreliable) == {}


def test_what_could_not_be_tested_is_not_expected() -> None:
    panel = panel_of(study({"a": [50, "missed", 10, None], "b": [40, None, None, "missed"]}))
    assert expected(panel, ["drop_rci", "strauss"], INSTRUMENTS) == {"drop_rci": 0, "strauss": 0}


def test_retrospective_definitions_have_an_expectation_too() -> None:
    names = ["v_shape", "strauss", "sudden_loss", "control_chart", "change_point"]
    rough = {"wai": {**INSTRUMENTS["wai"], "reliability": 0.3}}
    found = expected(panel_of(observed(40)), names, rough, replicates=3)
    assert set(found) == set(names)
    assert found["strauss"] > 0
