"""No count of 1 to the threshold leaves with the definitions of dropout, and none is derivable."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.estimates.dropout.dropout_overlap import dropout_overlap
from rupture_outcome.publishable.dropout import (
    publishable_dropout_pairs,
    publishable_dropout_patterns,
    publishable_dropout_rates,
)
from rupture_outcome.publishable.suppress import count_texts, is_small
from tests.unit.toy_treatments import INSTRUMENTS, toy_tables

T = 10
CELLS = ["both", "only_a", "only_b", "neither"]


def overlap(patients=300, seed=1):
    tables = toy_tables(patients=patients, seed=seed)
    treatments = treatment_endings(
        tables["sessions"], tables["patients"], tables["endings"], INSTRUMENTS
    )
    return dropout_overlap(treatments, rng=np.random.default_rng(1))


def published(found, threshold=T):
    rates = publishable_dropout_rates(found.rates, threshold, found.pairs)
    pairs = publishable_dropout_pairs(found.pairs, threshold, rates)
    return rates, pairs, publishable_dropout_patterns(found.patterns, threshold, rates)


@pytest.mark.parametrize(("patients", "seed"), [(30, 1), (80, 2), (200, 3), (300, 4), (600, 5)])
def test_nothing_small_is_shown(patients, seed):
    rates, pairs, patterns = published(overlap(patients, seed))
    shown = [
        *(rates[c] for c in ("ended", "patients", "events", "therapists")),
        *(pairs[c] for c in ("n", *CELLS)),
        patterns["patients"],
        rates["ended"] - rates["patients"],
        rates["patients"] - rates["events"],
    ]
    assert not any(is_small(n, T) for counts in shown for n in counts)


@pytest.mark.parametrize(("patients", "seed"), [(30, 1), (35, 2), (80, 2), (300, 4)])
def test_what_stands_for_a_withheld_count_is_public_itself(patients, seed):
    rates, *_ = published(overlap(patients, seed))
    public = {"events": {"events", "patients"}, "patients": {"patients", "ended"}}
    for column, where in public.items():
        known = {int(n) for one in where for n in rates[one].dropna()}
        near = {int(t[1:]) for t in count_texts(rates, column) if t[0] == "≈"}
        assert near <= known


def test_a_pair_shows_all_cells_or_none_that_gives_a_small_one():
    found = overlap()
    _, pairs, _ = published(found)
    few = ((found.pairs[CELLS] >= 1) & (found.pairs[CELLS] <= T)).any(axis=1).to_numpy()
    assert few.any()
    assert pairs.loc[few, CELLS].isna().all(axis=None)
    assert pairs.loc[few, "ac1"].isna().all()


def test_a_rate_from_few_dropouts_is_withheld():
    found = overlap(60, 3)
    raw, (rates, *_) = found.rates, published(found)
    few = raw["events"].between(1, T).to_numpy()
    assert few.any()
    assert rates.loc[few, ["rate", "ci_low", "ci_high"]].isna().all(axis=None)


def test_a_definition_within_another_does_not_give_the_rest():
    names = ["a", "b", "c"]
    rates = pd.DataFrame({"dropout_definition": names, "ended": 300, "patients": 300})
    rates = rates.assign(events=[60, 55, 57], rate=[0.2, 0.18333, 0.19], ci_low=0.1, ci_high=0.3)
    rates = rates.assign(therapists=30, note="")
    pairs = pd.DataFrame(
        [("a", "b", 300, 5, 0), ("a", "c", 300, 23, 20), ("b", "c", 300, 20, 22)],
        columns=["definition_a", "definition_b", "n", "only_a", "only_b"],
    )
    out = publishable_dropout_rates(rates, T, pairs)
    assert count_texts(out, "events") == ["60", "≈60", "57"]
    assert out.loc[1, ["ci_low", "ci_high"]].isna().all()
    assert out.loc[1, "rate"] == 0.18 or pd.isna(out.loc[1, "rate"])


def test_patterns_sum_to_all_and_name_no_sessions():
    found = overlap(600, 5)
    _, pairs, patterns = published(found)
    assert "sessions" not in patterns
    assert "patients" not in pairs
    assert patterns["share"].sum() == pytest.approx(1.0)
    if patterns["patients"].notna().all():
        assert patterns["patients"].sum() == found.patterns["n"].iloc[0]


def test_a_threshold_of_zero_publishes_everything():
    found = overlap()
    rates, pairs, patterns = published(found, 0)
    assert rates["events"].tolist() == found.rates["events"].tolist()
    assert pairs[CELLS].to_numpy().tolist() == found.pairs[CELLS].to_numpy().tolist()
    assert patterns["patients"].tolist() == found.patterns["patients"].tolist()


def test_nothing_is_published_of_nothing():
    tables = toy_tables(patients=20)
    treatments = treatment_endings(tables["sessions"], tables["patients"], tables["endings"])
    empty = dropout_overlap(treatments.assign(ending="ongoing"), rng=np.random.default_rng(1))
    assert all(frame.empty for frame in published(empty))
