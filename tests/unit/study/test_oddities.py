"""Notes on what may be right all the same; they stop nothing."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from rupture_outcome.pipeline import cli
from rupture_outcome.study.oddities import odd_items, odd_reliabilities
from rupture_outcome.study.score import item_rest
from tests.unit.study.toy_study import ToyStudy

ITEMS = ["i1", "i2", "i3", "i4"]
WAI = {"measures": "alliance_patient", "items": ITEMS, "range": [1, 5], "direction": 1}
WAI |= {"reversed": [], "subscales": {}, "answered": 0.75, "reliability": None}


def forms(patients: int = 60, against: str = "") -> pd.DataFrame:
    """Three sessions a patient; all items rise with his level, but one against it."""
    rng = np.random.default_rng(3)
    level = np.repeat(rng.integers(2, 5, patients), 3)
    answers = {item: np.clip(level + rng.integers(-1, 2, len(level)), 1, 5) for item in ITEMS}
    if against:
        answers[against] = 6 - answers[against]
    keys = {"patient_id": np.repeat(np.arange(patients), 3).astype(str), "attended": 1}
    return pd.DataFrame({**keys, **answers}).astype(dict.fromkeys(ITEMS, "Int64"))


def test_the_correlation_with_the_others_is_that_of_numpy() -> None:
    sessions = forms()
    found = item_rest(sessions, {"wai": WAI})
    first = sessions.drop_duplicates("patient_id")[ITEMS].astype(float)
    expected = [np.corrcoef(first[i], first.drop(columns=i).sum(axis=1))[0, 1] for i in ITEMS]
    np.testing.assert_allclose(found["r"], expected, atol=1e-12)
    assert found["patients"].eq(60).all()
    assert ((found["ci_low"] < found["r"]) & (found["r"] < found["ci_high"])).all()


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_against_the_others_is_told(item) -> None:
    [note] = odd_items(forms(against=item), {"wai": WAI})
    assert f"'{item}' of instruments.wai runs against the others" in note
    assert "list it under instruments.wai.reversed" in note
    assert list(odd_items(forms(against=item), {"wai": {**WAI, "reversed": [item]}})) == []


def test_an_item_turned_round_for_nothing_is_told() -> None:
    [note] = odd_items(forms(), {"wai": {**WAI, "reversed": ["i2"]}})
    assert "take it out of instruments.wai.reversed" in note


@pytest.mark.parametrize("sessions", [forms(9), forms().assign(i1=3, i2=3, i3=3, i4=3)])
def test_few_forms_and_equal_answers_tell_nothing(sessions) -> None:
    assert list(odd_items(sessions, {"wai": WAI})) == []


@pytest.mark.parametrize(("declared", "notes"), [(None, 0), (0.5, 0), (0.99, 1)])
def test_a_reliability_that_the_data_do_not_bear_out_is_told(declared, notes) -> None:
    sessions = forms(200).assign(i4=lambda rows: np.resize([1, 5, 2, 4, 3], len(rows)))
    told = list(odd_reliabilities(sessions, {"wai": {**WAI, "reliability": declared}}))
    assert len(told) == notes
    assert all("Cronbach" in note for note in told)


def test_check_prints_notes_and_passes(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("rupture_outcome.study.oddities.item_rest", lambda *_: ODD)
    ran = CliRunner().invoke(cli.app, ["check", str(ToyStudy(tmp_path).write())])
    assert ran.exit_code == 0
    assert "To look at: the item 'i1' of instruments.short runs against" in ran.output


ODD = pd.DataFrame(
    [("short", "i1", 60, -0.5, -0.6, -0.4)],
    columns=["instrument", "item", "patients", "r", "ci_low", "ci_high"],
)
