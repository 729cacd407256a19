"""Questionnaires by name: structure fits itself, own keys go before, reversed items are turned."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.errors import StudyError
from rupture_outcome.pages.questionnaires import page, taken
from rupture_outcome.pipeline.config import complete, load, read_schema
from rupture_outcome.study.instruments import CATALOGUE, expanded
from rupture_outcome.study.score import score_sessions
from tests.unit.study.toy_study import ToyStudy

ROOT = Path(__file__).parents[3]


def config(**instruments: dict) -> dict:
    return {"study": {"name": "toy", "data": "."}, "instruments": instruments}


def completed(**instruments: dict) -> dict:
    return complete(config(**instruments), "config.yaml")["instruments"]


def items(name: str) -> list[str]:
    return [f"x{i}" for i in range(1, CATALOGUE[name].items.value + 1)]


@pytest.mark.parametrize("one", CATALOGUE.values(), ids=CATALOGUE)
def test_a_structure_fits_itself(one) -> None:
    places = set(range(1, one.items.value + 1))
    low, high = one.range.value
    assert low < high
    assert set(one.reversed.value) <= places
    listed = [item for at in one.subscales.value.values() for item in at]
    assert len(listed) == len(set(listed))
    assert not listed or set(listed) == places  # each item in one subscale
    if one.cutoff.value is not None:
        assert one.items.value * low < one.cutoff.value < one.items.value * high
    for _, fact in one.facts():
        assert fact.provenance in ("verified", "recalled", "project")
        assert fact.source


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_name_makes_a_whole_instrument(name: str) -> None:
    found = completed(mine={"use": name, "items": items(name)})["mine"]
    known = CATALOGUE[name]
    assert found["range"] == list(known.range.value)
    assert found["direction"] == known.direction.value
    assert found["reversed"] == [f"x{i}" for i in known.reversed.value]
    assert found["measures"] == known.measures
    assert found["cutoff"] == known.cutoff.value


@pytest.mark.parametrize("name", CATALOGUE)
def test_reversed_items_are_turned_before_they_are_added(name: str) -> None:
    known, columns = CATALOGUE[name], items(name)
    low, high = known.range.value
    # whoever ticks the worst throughout has the worst score, in every subscale, too
    worst = [low if (i in known.reversed.value) != (known.direction.value > 0) else high
             for i in range(1, len(columns) + 1)]  # fmt: skip
    row = pd.DataFrame([worst], columns=columns).assign(attended=1)
    row = row.assign(alliance_patient=np.nan, alliance_therapist=np.nan, symptom=np.nan)
    instruments = completed(mine={"use": name, "items": columns})
    scored = score_sessions(row, instruments)
    end = low if known.direction.value > 0 else high
    assert scored[known.measures].tolist() == [len(columns) * end]
    for subscale, at in known.subscales.value.items():
        assert scored[f"mine_{subscale}"].tolist() == [len(at) * end]


@pytest.mark.parametrize("name", CATALOGUE)
def test_prorating_is_stated_and_kept(name: str) -> None:
    known, columns = CATALOGUE[name], items(name)
    least = int(np.ceil(known.answered.value * len(columns) - 1e-9))
    answers = np.full((2, len(columns)), known.range.value[1], float)
    answers[0, least:] = np.nan
    answers[1, least - 1 :] = np.nan
    rows = pd.DataFrame(answers, columns=columns).assign(attended=1)
    rows = rows.assign(alliance_patient=np.nan, alliance_therapist=np.nan, symptom=np.nan)
    made = completed(mine={"use": name, "items": columns, "reversed": []})
    scored = score_sessions(rows, made)[known.measures]
    assert scored[0] == pytest.approx(len(columns) * known.range.value[1])
    assert np.isnan(scored[1])


def test_a_delivered_score_has_the_range_of_sum_or_mean() -> None:
    assert completed(mine={"use": "PHQ-9"})["mine"]["range"] == [0, 27]
    found = completed(mine={"use": "CORE-10", "score": "mean"})["mine"]
    assert found["range"] == [0, 4]
    assert found["cutoff"] is None  # it is that of the sum


def test_what_the_config_says_goes_before() -> None:
    given = {"use": "WAI-SR", "items": items("WAI-SR"), "measures": "alliance_therapist"}
    found = completed(mine={**given, "range": [0, 4], "subscales": {}, "answered": 1})["mine"]
    assert (found["measures"], found["range"]) == ("alliance_therapist", [0, 4])
    assert (found["subscales"], found["answered"]) == ({}, 1)
    assert "Subscales" not in set(taken({"mine": found})["what"])


def test_completing_twice_changes_nothing() -> None:
    once = complete(config(a={"use": "OQ-45", "items": items("OQ-45")}), "config.yaml")
    assert complete(once, "config.yaml") == once


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"use": "WAI-SR", "items": ["a", "b"]}, "WAI-SR has 12 items, and 2 are listed"),
        ({"use": "WAI"}, "instruments.mine.use"),
        ({"use": 3}, "instruments.mine.use"),
        ({"use": "SRS", "items": "a"}, "instruments.mine.items"),
        ({}, "instruments.mine"),
    ],
)
def test_a_wrong_use_is_told(given: dict, words: str) -> None:
    with pytest.raises(StudyError) as told:
        completed(mine=given)
    assert words in str(told.value)


def test_own_questionnaires_need_no_name(tmp_path: Path) -> None:
    found = load(ToyStudy(tmp_path).write())["instruments"]["short"]
    assert found["use"] is None
    assert taken({"short": found}).empty
    assert expanded({"range": [1, 5]}) == {"range": [1, 5]}


def test_the_schema_knows_the_catalogue() -> None:
    [one] = read_schema()["properties"]["instruments"]["patternProperties"].values()
    assert one["properties"]["use"]["enum"] == [*CATALOGUE, None]


def test_the_page_is_that_of_the_code() -> None:
    written = (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8")
    assert written == page(), "run: make docs"
    assert "*recalled*" in written
