import pandas as pd
import pytest

from rupture_outcome.cohort.dropout import (
    available_definitions,
    classify_dropout,
    dropout_span,
    ending_event,
)
from rupture_outcome.cohort.dropout_rules import DROPOUT_DEFINITIONS, DropoutLimits
from rupture_outcome.errors import StudyError

ENDINGS = pd.DataFrame(
    {
        "patient_id": list("abcdefg"),
        "ending": [
            "dropout",
            "completed",
            "agreed",
            "referred",
            "administrative",
            "ongoing",
            "dropout",
        ],
        "therapist_judged_dropout": pd.array([1, 0, 0, 1, 0, 1, pd.NA], dtype="Int64"),
        "missed_last_appointment": pd.array([1, 0, pd.NA, 0, 1, pd.NA, 0], dtype="Int64"),
    }
)


def test_recorded_ending_reads_the_ending():
    dropped = classify_dropout(ENDINGS, "recorded_ending")
    assert dropped[dropped].index.tolist() == ["a", "g"]


def test_a_missing_judgement_is_not_no():
    dropped = classify_dropout(ENDINGS, "therapist_judgement")
    assert dropped["g"] is pd.NA
    assert dropped[dropped.fillna(False)].index.tolist() == ["a", "d"]


# As `treatment_endings` gives them; planned 12 throughout but for the last.
TREATMENTS = ENDINGS.assign(
    planned=pd.array([12, 12, 12, 12, 12, 12, pd.NA], dtype="Int64"),
    attended=pd.array([8, 12, 9, 2, 3, 1, 2], dtype="Int64"),
    rated_by=pd.array([2, 2, 3, 2, 2, pd.NA, pd.NA], dtype="Int64"),
    reliable_improvement=pd.array(
        [True, False, False, pd.NA, False, pd.NA, pd.NA], dtype="boolean"
    ),
)


@pytest.mark.parametrize("definition", DROPOUT_DEFINITIONS)
def test_ongoing_treatment_is_no_dropout(definition):
    assert not classify_dropout(TREATMENTS, definition)["f"]
    assert ending_event(TREATMENTS, definition)["f"] == "none"


def test_events_of_recorded_endings():
    assert ending_event(ENDINGS, "recorded_ending").tolist() == [
        "dropout",
        "agreed_ending",
        "agreed_ending",
        "other_ending",
        "other_ending",
        "none",
        "dropout",
    ]


def test_the_definition_overrules_the_recorded_ending():
    event = ending_event(ENDINGS, "missed_last_appointment")
    assert event["e"] == "dropout"  # administrative, and did not come
    assert event["g"] == "other_ending"  # left without being counted as dropout
    assert event["c"] is pd.NA


def test_a_column_without_values_is_named():
    empty = ENDINGS.assign(therapist_judged_dropout=pd.array([pd.NA] * 7, dtype="Int64"))
    with pytest.raises(StudyError, match="therapist_judged_dropout"):
        classify_dropout(empty, "therapist_judgement")


def test_an_unknown_definition_lists_the_known_ones():
    with pytest.raises(StudyError, match="missed_last_appointment"):
        classify_dropout(ENDINGS, "left_early")


def test_fewer_than_planned_counts_every_ending_below_the_share():
    dropped = classify_dropout(TREATMENTS, "fewer_than_planned")  # 0.75 · 12 = 9
    assert dropped.tolist() == [True, False, False, True, True, False, pd.NA]
    half = classify_dropout(TREATMENTS, "fewer_than_planned", DropoutLimits(planned_share=0.5))
    assert not half["a"]


def test_a_share_that_floats_do_not_hold_is_met_exactly():
    one = TREATMENTS.iloc[:1].assign(planned=20, attended=11)  # 0.55 · 20 > 11 in floats
    assert not classify_dropout(one, "fewer_than_planned", DropoutLimits(planned_share=0.55))["a"]


def test_left_without_reliable_improvement():
    dropped = classify_dropout(TREATMENTS, "no_reliable_improvement")
    assert not dropped["a"]  # left, but had improved
    assert not dropped["b"]  # completed: it did not help, but nobody left
    assert dropped["c"]  # agreed to end early, no better
    assert dropped["d"] is pd.NA  # one rating only
    assert dropped["e"]


def test_ended_at_the_last_planned_session_is_not_left():
    done = TREATMENTS.assign(attended=12, reliable_improvement=False)
    assert not classify_dropout(done, "no_reliable_improvement")[list("acde")].any()


def test_left_within_the_first_sessions():
    dropped = classify_dropout(TREATMENTS, "first_sessions", DropoutLimits(first_sessions=3))
    assert dropped[dropped].index.tolist() == ["d", "g"]
    assert classify_dropout(TREATMENTS, "first_sessions")["e"]  # 3 sessions, limit 4
    early = TREATMENTS.assign(attended=1)
    assert not classify_dropout(early, "first_sessions")[["b", "c"]].any()  # by agreement


@pytest.mark.parametrize("definition", DROPOUT_DEFINITIONS)
@pytest.mark.parametrize("limits", [DropoutLimits(), DropoutLimits(0.4, 2), DropoutLimits(1.0, 9)])
def test_a_dropout_lies_within_the_span_of_its_definition(definition, limits):
    dropped = classify_dropout(TREATMENTS, definition, limits).fillna(False).to_numpy(bool)
    span = dropout_span(TREATMENTS, definition, limits)
    k = TREATMENTS["attended"].to_numpy(float)
    possible = (k >= span["first"].to_numpy()) & (k < span["end"].to_numpy())
    assert possible[dropped].all()


def test_without_a_plan_nobody_is_at_risk_of_fewer_sessions_than_planned():
    assert dropout_span(TREATMENTS, "fewer_than_planned").loc["g"].isna().any()


def test_a_missing_ending_may_go_on():
    unknown = TREATMENTS.assign(ending=pd.array([pd.NA] * 7, dtype="string"))
    unknown.loc[0, "ending"] = "dropout"
    for definition in ("fewer_than_planned", "no_reliable_improvement", "first_sessions"):
        assert classify_dropout(unknown, definition)["e"] is pd.NA


def test_definitions_are_available_where_their_columns_have_values():
    assert available_definitions(TREATMENTS) == list(DROPOUT_DEFINITIONS)
    bare = TREATMENTS[["patient_id", "ending", "attended"]].assign(planned=pd.NA)
    assert available_definitions(bare) == ["recorded_ending", "first_sessions"]
    assert available_definitions(TREATMENTS.iloc[:0]) == []


def test_lacking_symptoms_say_what_to_add():
    with pytest.raises(StudyError, match="with its reliability"):
        classify_dropout(ENDINGS, "no_reliable_improvement")
