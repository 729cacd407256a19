"""Hazard models leave without small counts, or estimates that rest on them."""

import pytest

from rupture_outcome.publishable.hazards import publishable_hazards
from rupture_outcome.publishable.suppress import count_texts, is_withheld
from tests.unit.fake_hazards import fake_margins, fake_models

T = 10


@pytest.mark.parametrize("frame", [fake_models(), fake_margins().query("session.isna()")])
def test_what_rests_on_many_is_shown_as_it_is(frame):
    shown = publishable_hazards(frame, T)
    assert not [column for column in shown if column.startswith("fewest")]
    assert shown["estimate"].tolist() == pytest.approx(frame["estimate"].tolist(), nan_ok=True)
    assert shown[["patients", "sessions", "events"]].notna().all(axis=None)
    assert (shown["withheld"] == "").all()


@pytest.mark.parametrize("column", ["fewest_events", "fewest_patients", "events"])
def test_an_estimate_of_few_is_withheld_with_its_interval(column):
    raw = fake_models()
    raw.loc[0, column] = 7
    shown = publishable_hazards(raw, T)
    assert shown.loc[0, ["estimate", "se", "ci_low", "ci_high", "ratio", "joint_p"]].isna().all()
    assert is_withheld(shown, "estimate").tolist() == [True, *[False] * (len(raw) - 1)]
    assert shown["estimate"].drop([0, *raw.index[raw["estimate"].isna()]]).notna().all()


def test_what_was_not_estimable_is_not_called_withheld():
    raw = fake_models().assign(fewest_events=3)
    shown = publishable_hazards(raw, T)
    kinds = raw["model"].eq("kind_of_rupture")
    assert is_withheld(shown, "estimate").tolist() == (~kinds).tolist()


def test_counts_close_to_published_ones_are_withheld():
    raw = fake_models()
    raw.loc[0, "events"] = 112
    raw.loc[1:, "events"] = 300
    known = {"patients": [584], "events": [119]}
    shown = publishable_hazards(raw, T, known)
    assert count_texts(shown, "events")[0] == "≈119"
    assert count_texts(shown, "patients")[0] == "≈584"


def test_agreed_endings_are_not_compared_with_dropouts():
    raw = fake_models()
    agreed = raw["event"].eq("agreed_ending")
    raw.loc[agreed, "events"] = 115
    shown = publishable_hazards(raw, T, {"events": [118]})
    assert (shown.loc[agreed, "events"] == 115).all()
    assert shown.loc[~agreed, "events"].isna().all()


def test_sessions_with_few_patients_in_a_state_are_left_out_of_its_curve():
    shown = publishable_hazards(fake_margins(), T)
    curve = shown[shown["quantity"].eq("hazard_by_session")]
    assert curve["estimate"].isna().tolist() == (curve["session"] == 1).tolist()


def test_counts_in_notes_are_withheld():
    raw = fake_models().assign(note="no dropout among 3 person-sessions")
    assert publishable_hazards(raw, T)["note"].eq("no dropout among ≤10 person-sessions").all()


def test_nothing_to_show():
    assert publishable_hazards(fake_models().iloc[:0], T).empty
