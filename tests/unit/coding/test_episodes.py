"""Episodes, repair and states of series that can be followed by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from rupture_outcome.coding.detect import apply, code_ruptures
from rupture_outcome.coding.episodes import code_episodes
from rupture_outcome.coding.follow import follow, states
from rupture_outcome.coding.registry import get_repair_rule
from rupture_outcome.coding.series import Panel
from rupture_outcome.errors import StudyError
from tests.unit.coding.toy_series import (
    INSTRUMENTS,
    chosen,
    constants,
    panel_of,
    repair_parameters,
    studies,
    study,
)

NAN = np.nan
# with a reliable change of 1.96·√2·10·√(1 − .92) = 7.84 points
RCI = {"drop_rci": {"sd": 10.0}}
IN, U, R = "intact", "unrepaired", "repaired"


def coding(definitions=RCI, rule="return_to_baseline", **parameters) -> dict:
    return {"definitions": definitions, "repair_rules": {rule: {"within": 3, **parameters}}}


def followed(sessions, config=None) -> tuple[pd.DataFrame, pd.DataFrame]:
    config = config or coding()
    ruptures, _ = code_ruptures(sessions, None, INSTRUMENTS, config)
    return code_episodes(ruptures, sessions, INSTRUMENTS, config)


COLUMNS = ["onset", "nadir", "depth", "length", "repair", "sessions_to_repair", "censoring"]


@pytest.mark.parametrize(
    ("series", "episodes", "state"),
    [
        pytest.param([50, 52, 51], [], [IN, IN, IN], id="no rupture"),
        pytest.param(
            [50, 40, 45, 50, 50],
            [(2, 2, 10, 2, "repaired", 2, None)],
            [IN, U, U, R, R],
            id="a V, back at the score from before; a tie is a return",
        ),
        pytest.param(
            [50, 40, 30, 45, 51],
            [(2, 3, 20, 3, "repaired", 3, None)],
            [IN, U, U, U, R],
            id="a further fall while open deepens the same rupture",
        ),
        pytest.param(
            [50, 40, 41, 42, 43, 50],
            [(2, 2, 10, 4, "not_repaired", None, None)],
            [IN, U, U, U, U, U],
            id="the window passed in treatment; a late return does not count",
        ),
        pytest.param(
            [50, 40, 41, 42, 43, 30, 44],
            [
                (2, 2, 10, 4, "not_repaired", None, None),
                (6, 6, 13, 1, "repaired", 1, None),
            ],
            [IN, U, U, U, U, U, R],
            id="after the window another fall is another rupture",
        ),
        pytest.param(
            [50, 40, 50, 40, 50],
            [(2, 2, 10, 1, "repaired", 1, None), (4, 4, 10, 1, "repaired", 1, None)],
            [IN, U, R, U, R],
            id="a repaired rupture and a new one",
        ),
        pytest.param(
            [50, 50, 40],
            [(3, 3, 10, 1, "censored", None, "treatment_ended")],
            [IN, IN, U],
            id="left right after the rupture: never counted as not repaired",
        ),
        pytest.param(
            [50, 40, 41, 42],
            [(2, 2, 10, 3, "censored", None, "treatment_ended")],
            [IN, U, U, U],
            id="left before the window passed",
        ),
        pytest.param(
            [50, 40, None, None, 42],
            [(2, 2, 10, 4, "censored", None, "not_rated")],
            [IN, U, U, U, U],
            id="one rating of three is too few to know",
        ),
        pytest.param(
            [50, 40, None, 41, 42],
            [(2, 2, 10, 4, "not_repaired", None, None)],
            [IN, U, U, U, U],
            id="two ratings of three are enough",
        ),
        pytest.param(
            [50, 40, "missed", "missed", 41, 50],
            [(2, 2, 10, 2, "repaired", 2, None)],
            [IN, U, U, R],
            id="the window counts attended sessions",
        ),
    ],
)
def test_return_to_baseline(series, episodes, state) -> None:
    found, states_ = followed(study({"a": series}))
    rows = found[COLUMNS].astype(object).where(found[COLUMNS].notna(), None)
    assert list(rows.itertuples(index=False, name=None)) == episodes
    assert list(states_["state"]) == state


def test_half_of_the_way_back_from_the_lowest_score() -> None:
    series = study({"a": [50, 40, 30, 39, 40, 41]})
    found, _ = followed(series, coding(rule="half_recovery"))
    assert found.loc[0, ["nadir", "depth", "sessions_to_repair"]].tolist() == [3, 20, 3]


def test_reported_resolution_can_come_in_the_same_session() -> None:
    sessions = study({"a": [50, 40, 45], "b": [50, 40, 45], "c": [50, 40, 45]})
    sessions["psq_patient_rupture"] = [0, 1, 0, 0, 1, 1, 0, 1, NAN]
    sessions["psq_patient_resolution"] = [NAN, 4, NAN, NAN, 3, 5, NAN, 3, NAN]
    config = coding({"psq_patient": {}}, "psq_resolved", threshold=4)
    found, states_ = followed(sessions, config)
    assert list(found["repair"]) == ["repaired", "repaired", "censored"]
    assert found["sessions_to_repair"].tolist()[:2] == [0, 1]
    assert list(found["length"]) == [1, 1, 2]
    assert list(states_["state"]) == [IN, R, R, IN, U, R, IN, U, U]


def test_a_rupture_resolved_in_the_last_session_is_repaired() -> None:
    sessions = study({"a": [50, 40]})
    sessions["psq_patient_rupture"], sessions["psq_patient_resolution"] = [0, 1], [NAN, 5]
    found, _ = followed(sessions, coding({"psq_patient": {}}, "psq_resolved"))
    assert found.loc[0, "repair"] == "repaired"


def test_without_a_score_from_before_repair_is_not_known() -> None:
    sessions = study({"a": [40, 50, 55, 60, 60]}, psq_patient_rupture=[1.0, 0, 0, 0, 0])
    found, states_ = followed(sessions, coding({"psq_patient": {}}))
    assert found.loc[0, ["repair", "censoring"]].tolist() == ["censored", "no_baseline"]
    assert np.isnan(found.loc[0, "depth"])
    assert list(states_["state"]) == [U] * 5


def test_a_session_with_a_reported_rupture_is_no_return() -> None:
    sessions = study({"a": [50, 40, 50, 50]}, psq_patient_rupture=[0.0, 1, 1, 0])
    found, states_ = followed(sessions, coding({"psq_patient": {}}))
    assert found.loc[0, ["onset", "sessions_to_repair"]].tolist() == [2, 2]
    assert list(states_["state"]) == [IN, U, U, R]


def test_repairs_in_their_own_session_can_be_left_to_later_ones() -> None:
    """Resolved in session 2, in which the rupture began, and again in session 4."""
    sessions = study({"a": [50] * 5})
    sessions["psq_patient_rupture"] = [0, 1, 0, 1, 0]
    sessions["psq_patient_resolution"] = [NAN, 5, NAN, 4, NAN]
    states_found = [
        followed(sessions, coding({"psq_patient": {}}, "psq_resolved", own_session=own))[1]["state"]
        for own in (True, False)
    ]
    assert states_found[0].tolist() == [IN, R, R, R, R]
    assert states_found[1].tolist() == [IN, U, U, R, R]
    with pytest.raises(StudyError, match="own_session"):
        followed(sessions, coding(own_session=False))  # a score is not back when it has fallen


def test_the_kind_is_everything_seen_while_the_rupture_was_open() -> None:
    sessions = study({"a": [50, 40, 41, 50], "b": [50, 40, 50, 50]})
    ratings = pd.DataFrame(
        {
            "patient_id": ["a"] * 4 + ["b"] * 4,
            "session": [1, 2, 3, 4] * 2,
            "rater_id": "r",
            "withdrawal": [1, 4, 1, 1, 1, 4, 1, 1],
            "confrontation": [1, 1, 4, 1, 1, 1, 1, 4],
            "resolution": NAN,
        }
    )
    config = coding({"observer": {}})
    ruptures, _ = code_ruptures(sessions, ratings, INSTRUMENTS, config)
    found, _ = code_episodes(ruptures, sessions, INSTRUMENTS, config)
    assert list(found["kind"]) == ["both", "withdrawal", "confrontation"]


def test_raters_are_averaged() -> None:
    sessions = study({"a": [50]})
    ratings = pd.DataFrame(
        {
            "patient_id": "a",
            "session": 1,
            "rater_id": ["r1", "r2", "r3"],
            "withdrawal": [2, 4, NAN],
            "confrontation": [1, 1, 1],
            "resolution": NAN,
        }
    )
    ruptures, _ = code_ruptures(sessions, ratings, INSTRUMENTS, coding({"observer": {}}))
    assert list(ruptures["kind"]) == ["withdrawal"]


def test_a_score_where_lower_is_better_is_turned_once() -> None:
    worse = study({"a": [10, 20, 15, 10]}).rename(columns={"alliance_patient": "symptom"})
    config = coding({"drop_rci": {"source": "symptom", "sd": 10.0, "reliability": 0.92}})
    found, _ = followed(worse, config)
    assert found.loc[0, ["onset", "depth", "sessions_to_repair"]].tolist() == [2, 10, 2]


def test_a_column_that_a_repair_rule_needs_is_asked_for() -> None:
    sessions = study({"a": [50, 40]})
    with pytest.raises(StudyError, match="psq_patient_resolution"):
        followed(sessions, coding(rule="psq_resolved"))


def test_a_resolution_that_nobody_was_asked_for_is_not_missed() -> None:
    sessions = study({"a": [50, 52, 51]}).assign(psq_patient_rupture=[0, NAN, 0])
    found, states_found = followed(sessions, coding({"psq_patient": {}}, "psq_resolved"))
    assert len(found) == 0
    assert states_found["state"].eq("intact").all()
    reported = sessions.assign(psq_patient_rupture=[0, 1, 0])
    with pytest.raises(StudyError, match="psq_patient_resolution"):
        followed(reported, coding({"psq_patient": {}}, "psq_resolved"))


def test_ruptures_from_other_sessions_are_refused() -> None:
    sessions = study({"a": [50, 40, 30]})
    ruptures, _ = code_ruptures(sessions, None, INSTRUMENTS, coding())
    with pytest.raises(ValueError, match="other sessions"):
        code_episodes(ruptures.iloc[:-1], sessions, INSTRUMENTS, coding())


def test_the_order_of_rows_in_the_ruptures_does_not_matter() -> None:
    sessions = study({"a": [50, 40, 50], "b": [50, 51, 40]})
    ruptures, _ = code_ruptures(sessions, None, INSTRUMENTS, coding())
    shuffled = ruptures.sample(frac=1, random_state=3)
    one, two = (code_episodes(r, sessions, INSTRUMENTS, coding()) for r in (ruptures, shuffled))
    pd.testing.assert_frame_equal(one[0], two[0])
    pd.testing.assert_frame_equal(one[1], two[1])


def test_ruptures_survive_being_written(tmp_path) -> None:
    sessions = study({"a": [50, 40, 50], "b": [50, None, "missed", 40]})
    ruptures, _ = code_ruptures(sessions, None, INSTRUMENTS, coding())
    ruptures.to_parquet(tmp_path / "ruptures.parquet", index=False)
    read = pd.read_parquet(tmp_path / "ruptures.parquet")
    for one, two in zip(
        code_episodes(ruptures, sessions, INSTRUMENTS, coding()),
        code_episodes(read, sessions, INSTRUMENTS, coding()),
        strict=True,
    ):
        pd.testing.assert_frame_equal(one, two)


def test_no_rupture_at_all_gives_an_empty_table_of_the_same_columns() -> None:
    found, _ = followed(study({"a": [50, 50, 50]}))
    assert not len(found)
    assert [*COLUMNS] == [c for c in found.columns if c in COLUMNS]


@settings(max_examples=12)
@given(studies())
def test_half_the_way_is_never_later_than_all_of_it(sessions) -> None:
    panel = panel_of(sessions)
    definition = chosen("drop_sd")
    verdicts = apply(panel, definition, constants(panel, definition))
    half, full = (
        follow(panel, verdicts, panel["alliance_patient"], get_repair_rule(r), repair_parameters(r))
        for r in ("half_recovery", "return_to_baseline")
    )
    # Later ruptures differ, as another one can open once the first is repaired.
    for patient in np.unique(panel.patient[full.onset]):
        a, b = (int(np.argmax(panel.patient[c.onset] == patient)) for c in (half, full))
        assert half.onset[a] == full.onset[b]
        assert full.repair[b] < 0 or 0 <= half.repair[a] <= full.repair[b]


@settings(max_examples=12)
@given(studies())
def test_following_all_at_once_is_following_one_by_one(sessions) -> None:
    """The vectorised scan against the rule told step by step for each patient."""
    panel = panel_of(sessions)
    definition, rule = chosen("psq_patient"), get_repair_rule("return_to_baseline")
    verdicts = apply(panel, definition, {})
    score = panel["alliance_patient"]
    courses = follow(panel, verdicts, score, rule, repair_parameters(rule.id, within=2))
    told = _one_by_one(panel, verdicts.detected, score, within=2)
    assert list(zip(courses.onset, courses.repair, strict=True)) == told[0]
    np.testing.assert_array_equal(states(panel, courses), told[1])


def test_following_block_by_block_is_following_all(monkeypatch) -> None:
    rng = np.random.default_rng(4)
    sessions = study({f"p{i}": rng.integers(30, 60, 1 + i % 9).tolist() for i in range(40)})
    whole = followed(sessions)
    split = Panel.blocks
    monkeypatch.setattr(Panel, "blocks", lambda panel: split(panel, 7))
    for one, two in zip(whole, followed(sessions), strict=True):
        pd.testing.assert_frame_equal(one, two)


def _one_by_one(panel, detected, score, within):
    previous = panel.previous(score)
    episodes, state = [], np.zeros(len(panel), int)
    for start, end in zip(panel.starts[:-1], panel.starts[1:], strict=True):
        onset, now = None, 0
        for i in range(start, end):
            if onset is not None and i > onset + within:
                onset = None
            if onset is None and detected[i]:
                onset, now = i, 1
                episodes.append((i, -1))
            elif onset is not None and not detected[i] and score[i] >= previous[onset]:
                episodes[-1] = (onset, i)
                onset, now = None, 2
            state[i] = now
    return episodes, state
