"""Each oddity is told where it is, and not where it is not."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.pipeline.config import load
from rupture_outcome.simulation.simulate import Truth, simulate
from rupture_outcome.study import odd_courses as odd
from rupture_outcome.study.score import score_sessions
from tests.running import EXAMPLE

INSTRUMENTS = load(EXAMPLE)["instruments"]
ITEMS = INSTRUMENTS["wai_sr"]["items"]


@pytest.fixture(scope="module")
def study():
    return simulate(Truth(patients=150, therapists=12), np.random.default_rng(4))


@pytest.fixture
def sessions(study) -> pd.DataFrame:
    return study.sessions.assign(alliance_patient=np.nan)


def told(sessions: pd.DataFrame, study, **changed) -> list[str]:
    scored = score_sessions(sessions, INSTRUMENTS)
    given = {"patients": study.patients, "ratings": study.ratings, **changed}
    lines = pd.Series(np.arange(len(sessions)) + 2, sessions.index)
    return list(odd.odd_courses(scored, **given, instruments=INSTRUMENTS, lines=lines))


def test_a_study_without_oddities_is_silent(sessions, study) -> None:
    assert told(sessions, study) == []


def test_a_jump_is_told_with_its_line(sessions, study) -> None:
    changed = sessions.astype({"symptom": float})
    held = changed.index[changed["attended"].eq(1)]
    first = next(r for r in held if r + 1 in held and changed["session"][r + 1] > 1)
    changed.loc[first, "symptom"], changed.loc[first + 1, "symptom"] = 0, 27
    notes = [n for n in told(changed, study) if "jumps" in n]
    assert len(notes) == 1
    assert f"{first + 3}" in notes[0]


def test_copied_forms_are_told(sessions, study) -> None:
    mixed = sessions[ITEMS].nunique(axis=1).ge(4) & sessions[ITEMS].notna().all(axis=1)
    source, target = sessions.index[mixed][[0, 7]]
    answers = [name for name in sessions if name not in odd.ABOUT_SESSION]
    copied = sessions.copy()
    for name in answers:
        copied.loc[target, name] = copied.loc[source, name]
    [note] = [n for n in told(copied, study) if "forms were copied" in n]
    assert f"line {max(source, target) + 2})" in note


def test_equal_forms_of_one_answer_throughout_are_no_copies(sessions, study) -> None:
    flat = sessions.copy()
    flat.loc[flat[ITEMS].notna().all(axis=1), ITEMS] = 5
    assert not [n for n in told(flat, study) if "copied" in n]


def test_scores_that_never_move_are_told(sessions, study) -> None:
    still = sessions.assign(
        alliance_therapist=sessions["alliance_therapist"].where(lambda x: x.isna(), 50)
    )
    assert any("'alliance_therapist' never changes in" in n for n in told(still, study))


def test_an_observer_who_gives_one_rating_is_told_without_a_name(sessions, study) -> None:
    rater = study.ratings["rater_id"].iloc[0]
    ratings = study.ratings.assign(
        withdrawal=study.ratings["withdrawal"].where(study.ratings["rater_id"].ne(rater), 1)
    )
    [note] = told(sessions, study, ratings=ratings)
    assert "one observer gives the same rating" in note
    assert str(rater) not in note


def test_an_unused_end_of_the_range_is_told(sessions, study) -> None:
    lower = sessions.assign(**{item: sessions[item].clip(upper=4) for item in ITEMS})
    [note] = [n for n in told(lower, study) if "no answer" in n]
    assert note.endswith("is 5, of a declared range of 1 to 5; is it 1 to 4?")


def test_a_flipped_scale_is_told(sessions, study) -> None:
    turned = sessions.assign(alliance_therapist=72 - sessions["alliance_therapist"])
    assert any("worse 'alliance_therapist'" in n for n in told(turned, study))


def test_long_gaps_are_told(sessions, study) -> None:
    late = sessions.assign(
        day=sessions["day"].where(sessions["session"].lt(6), sessions["day"] + 91)
    )
    assert any("more than 90 days" in n and "second course" in n for n in told(late, study))


def test_more_sessions_than_planned_are_told(sessions, study) -> None:
    patients = study.patients.assign(planned_sessions=2)
    assert any("than planned" in n for n in told(sessions, study, patients=patients))
