import pandas as pd
import pytest

from rupture_outcome.errors import StudyError
from rupture_outcome.models.dropout import DROPOUT_DEFINITIONS, classify_dropout, ending_event

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


@pytest.mark.parametrize("definition", DROPOUT_DEFINITIONS)
def test_ongoing_treatment_is_no_dropout(definition):
    assert not classify_dropout(ENDINGS, definition)["f"]
    assert ending_event(ENDINGS, definition)["f"] == "none"


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
