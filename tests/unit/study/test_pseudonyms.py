"""Pseudonyms are keyed, stable and injective, and hold no part of what they stand for."""

import re
import stat
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rupture_outcome.errors import StudyError
from rupture_outcome.study.gate import findings
from rupture_outcome.study.pseudonyms import (
    age_bands,
    postcode_regions,
    pseudonymise,
    read_or_make_key,
)

KEY, OTHER = b"k" * 32, b"o" * 32
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_the_same_value_has_the_same_pseudonym_and_no_other_has(values: list[str]) -> None:
    ids = pd.Series(values)
    made = pseudonymise(ids, KEY, "P")
    again = pseudonymise(ids[::-1], KEY, "P").sort_index()
    pd.testing.assert_series_equal(made, again)
    assert made.nunique() == ids.str.normalize("NFC").nunique()
    assert made.str.fullmatch("P[A-Z2-7]{10}").all()


@given(TEXTS)
def test_another_key_or_prefix_gives_another(value: str) -> None:
    ids = pd.Series([value])
    made = [pseudonymise(ids, key, p)[0][1:] for key, p in ((KEY, "P"), (OTHER, "P"), (KEY, "T"))]
    assert len(set(made)) == 3


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=5, max_size=10))
def test_no_part_of_the_input_is_in_it(value: str) -> None:
    assert value not in pseudonymise(pd.Series([value]), KEY, "P")[0]


@pytest.mark.parametrize("n", [1, 12, 20_000])
def test_pseudonyms_pass_the_gate(n: int) -> None:
    made = pseudonymise(pd.Series(range(n)), KEY, "P")
    assert not findings(pd.DataFrame({"patient_id": made}), "patients.csv", {})


def test_numbers_and_texts_of_one_person_are_the_same_and_missing_stays_missing() -> None:
    made = [
        pseudonymise(pd.Series(ids), KEY, "P") for ids in ([7, None], ["7 ", None], [7.0, None])
    ]
    assert len({one[0] for one in made}) == 1
    assert all(one.isna().tolist() == [False, True] for one in made)


def test_the_key_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "study.key"
    key = read_or_make_key(path, tmp_path / "study")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key) == 32
    assert read_or_make_key(path) == key


def test_a_key_that_others_can_read_or_that_lies_in_the_study_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.key"
    key = read_or_make_key(path)
    with pytest.raises(StudyError, match="must not lie in the study"):
        read_or_make_key(path, tmp_path)
    path.chmod(0o640)
    with pytest.raises(StudyError, match="others may read") as stopped:
        read_or_make_key(path)
    assert key.hex() not in str(stopped.value)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(StudyError, match="holds no key"):
        read_or_make_key(path)
    with pytest.raises(StudyError, match="no file"):
        read_or_make_key(tmp_path)


def test_ages_and_postcodes_become_coarse() -> None:
    assert age_bands(pd.Series([0, 17, 18, 29.9, 89, 90, 103])).tolist() == [
        *("0-17", "0-17", "18-29", "18-29", "75-89", "90+", "90+")
    ]
    assert postcode_regions(pd.Series(["10115", " 04109"])).tolist() == ["10", "04"]
    assert not re.search("[0189]", "".join(pseudonymise(pd.Series(range(99)), KEY, "P")))
