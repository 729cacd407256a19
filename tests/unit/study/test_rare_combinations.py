"""Persons who could be found by what others know of them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rupture_outcome.study.rare_combinations import FEWEST, rare_combinations, rarity

LEVELS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1, max_size=60)


def study(sites, endings, sessions=6, therapists=None):
    ids = [f"p{i}" for i in range(len(sites))]
    held_by = therapists or ["t"] * len(ids)
    patients = pd.DataFrame({"patient_id": ids, "site_id": sites, "therapist_id": held_by})
    rows = [(p, t, s, 1) for p, t in zip(ids, held_by, strict=True) for s in range(1, sessions + 1)]
    held = pd.DataFrame(rows, columns=["patient_id", "therapist_id", "session", "attended"])
    return patients, held, pd.DataFrame({"patient_id": ids, "ending": endings})


@given(LEVELS)
def test_a_person_is_rare_where_fewer_have_the_same(levels):
    persons = pd.DataFrame(levels, columns=["one", "two"])
    expected = sum(levels.count(pair) < FEWEST for pair in levels) / len(levels)
    found = rarity(persons, ["one", "two"], None)
    assert found.rare == pytest.approx(expected)
    coarser = rarity(persons, [c for c in ("one", "two") if c != found.most], None)
    assert coarser.rare <= found.rare  # fewer columns never make a person rarer


def test_a_study_in_which_all_are_alike_says_nothing():
    assert list(rare_combinations(*study(["a"] * 8, ["dropout", "completed"] * 4))) == []


@pytest.mark.parametrize("patients", [0, 1, 3])
def test_of_a_handful_who_are_all_alike_nothing_is_known(patients):
    assert list(rare_combinations(*study(["a"] * patients, ["dropout"] * patients))) == []


def test_patients_of_a_small_site_are_told_without_a_value_or_a_count():
    sites = ["Musterstadt"] * 2 + ["b"] * 18
    [note] = rare_combinations(*study(sites, ["dropout", "completed"] * 10))
    assert note.startswith("patients could be found")
    assert "about 1 in ten share their combination of site_id with" in note
    assert "Musterstadt" not in note


def test_groups_that_all_ended_alike_are_told():
    sites = ["a"] * 10 + ["b"] * 10
    [note] = rare_combinations(*study(sites, ["dropout"] * 10 + ["dropout", "completed"] * 5))
    assert note.startswith("about 5 in ten of the patients")


def test_therapists_are_a_second_unit():
    sites = ["a"] * 20
    therapists = ["alone"] * 12 + [f"t{i}" for i in range(8)]
    notes = list(
        rare_combinations(*study(sites, ["dropout", "completed"] * 10, therapists=therapists))
    )
    assert [note for note in notes if note.startswith("therapists could be found by number of")]
    assert "alone" not in " ".join(notes)


def test_sessions_count_among_what_others_know():
    patients, sessions, endings = study(["a"] * 20, ["dropout", "completed"] * 10)
    short = sessions["patient_id"].isin(["p0", "p1"]) & sessions["session"].gt(2)
    [note] = rare_combinations(patients, sessions[~short], endings)
    assert "number of sessions" in note
