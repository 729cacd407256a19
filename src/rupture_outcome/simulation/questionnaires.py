"""What patients and therapists fill in: the tables sessions and endings of a simulated study."""

import numpy as np
import pandas as pd

from rupture_outcome.simulation.people import Floats, Ints, People
from rupture_outcome.simulation.process import (
    DROPOUT,
    ENDINGS,
    KINDS,
    STATES,
    UNREPAIRED,
    Course,
    Flags,
)
from rupture_outcome.simulation.truth import Truth

ITEMS = [f"wai_{i:02d}" for i in range(1, 13)]
PSQ = ["rupture", "tension", "resolution"]
PATIENT_FORM = [*ITEMS, *(f"psq_patient_{name}" for name in PSQ)]
THERAPIST_FORM = ["alliance_therapist", *(f"psq_therapist_{name}" for name in PSQ)]
MISSES_SESSION = 0.08
DAYS_BETWEEN = 7

# how often a form is missing, by chance and after the last session before a dropout
FORM_MISSING = {"patient": 0.05, "therapist": 0.10, "symptom": 0.04}
LAST_FORM_MISSING = {"patient": 0.40, "therapist": 0.15}
ITEM_MISSING = 0.012

# how likely a session's rupture is reported, by who is asked: open and deep, open and shallow,
# repaired in this session, none
REPORTS = {"patient": (0.75, 0.45, 0.65, 0.07), "therapist": (0.42, 0.25, 0.45, 0.06)}
DEEP = 7.0

# endings that the therapist calls dropout, and whose last appointment was missed
JUDGED_DROPOUT = np.array([0.82, 0.02, 0.15, 0.06, 0.06, np.nan])
LAST_MISSED = np.array([0.72, 0.0, 0.08, 0.10, 0.10, 0.08])
ENDING_FORM_MISSING = 0.06


def attended_rows(course: Course, slots: Ints) -> pd.DataFrame:
    """One row an attended session: position in the arrays, number, latent truth."""
    i, t = np.nonzero(course.attended)
    return pd.DataFrame(
        {
            "i": i,
            "n": t + 1,
            "session": slots[i, t],
            "state": course.state[i, t],
            "onset": course.onset[i, t],
            "repair": course.repair[i, t],
            "deficit": course.deficit[i, t],
            "kind": course.kind[i, t],
            "symptom": course.symptom[i, t],
            "last": course.last[i] == t + 1,
            "ending": course.ending[i],
        }
    )


def draw_slots(shape: tuple[int, int], rng: np.random.Generator) -> Ints:
    """Schedule number of each attended session; appointments missed in between are made up."""
    missed = (rng.random(shape) < MISSES_SESSION).astype(int)
    missed += (rng.random(shape) < MISSES_SESSION) * missed
    missed[:, 0] = 0
    return np.arange(1, shape[1] + 1) + missed.cumsum(axis=1)


def draw_sessions(
    truth: Truth, people: People, rows: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Forms of all attended sessions, some unanswered, under contract names."""
    items, therapist = _alliance(truth, people, rows, rng)
    sessions = pd.DataFrame(
        {
            "i": rows["i"],
            "session": rows["session"],
            "attended": 1,
            "therapist": _therapist(people, rows),
        }
    )
    sessions[ITEMS] = items
    sessions["alliance_therapist"] = therapist
    sessions["symptom"] = rows["symptom"]
    for who in REPORTS:
        for name, values in _psq(who, rows, rng).items():
            sessions[f"psq_{who}_{name}"] = values
    return _leave_out(sessions, rows, rng)


def draw_endings(
    people: People, course: Course, rows: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw table ``endings``; judgements agree only in part with the recorded ending."""
    n = len(course.ending)
    missed = rng.random(n) < LAST_MISSED[course.ending]
    judged = np.where(
        np.isnan(JUDGED_DROPOUT[course.ending]),
        np.nan,
        rng.random(n) < np.nan_to_num(JUDGED_DROPOUT[course.ending]),
    )
    judged[rng.random(n) < ENDING_FORM_MISSING] = np.nan
    recorded = np.where(rng.random(n) < ENDING_FORM_MISSING, np.nan, missed)
    return pd.DataFrame(
        {
            "patient_id": people.patients["patient_id"],
            "last_session": rows.loc[rows["last"]].sort_values("i")["session"].to_numpy(),
            "ending": ENDINGS[course.ending],
            "therapist_judged_dropout": pd.array(judged, dtype="Int64"),
            "missed_last_appointment": pd.array(recorded, dtype="Int64"),
            "missed": missed,
        }
    )


def missed_sessions(people: People, rows: pd.DataFrame, endings: pd.DataFrame) -> pd.DataFrame:
    """Scheduled sessions that did not take place: between attended ones, and after the last."""
    before = rows.assign(gap=rows.groupby("i")["session"].diff().fillna(1).astype(int) - 1)
    before = before.loc[before.index.repeat(before["gap"])]
    before["session"] -= 1 + before.groupby(["i", "session"]).cumcount()
    after = rows.loc[rows["last"] & endings["missed"].to_numpy()[rows["i"]]].copy()
    after["session"] += 1
    both = pd.concat([before, after])
    return pd.DataFrame(
        {
            "i": both["i"],
            "session": both["session"],
            "attended": 0,
            "therapist": _therapist(people, both),
        }
    )


def add_days(sessions: pd.DataFrame, people: People, rng: np.random.Generator) -> pd.Series:
    """Days since intake; members of a unit meet on the same days, weekly with some gaps."""
    units, slots = int(people.unit.max()) + 1, int(sessions["session"].max())
    gaps = DAYS_BETWEEN + rng.choice([-2, -1, 0, 0, 0, 0, 1, 2, 7], (units, slots))
    gaps[:, 0] = rng.integers(2, 29, units)
    days = gaps.cumsum(axis=1)
    return pd.Series(
        days[people.unit[sessions["i"]], sessions["session"] - 1], index=sessions.index
    )


def latent_rows(people: People, rows: pd.DataFrame) -> pd.DataFrame:
    """Name the latent truth of each attended session."""
    ruptured = rows["state"] > 0
    return pd.DataFrame(
        {
            "patient_id": people.patients["patient_id"].to_numpy()[rows["i"]],
            "session": rows["session"],
            "attended_session": rows["n"],
            "latent_state": STATES[rows["state"]],
            "latent_onset": rows["onset"].astype(int),
            "latent_repair": rows["repair"].astype(int),
            "latent_kind": pd.Series(KINDS[rows["kind"]], dtype="str").where(ruptured),
            "latent_fall": rows["deficit"].round(2),
        }
    )


def _therapist(people: People, rows: pd.DataFrame) -> Ints:
    i, n = rows["i"].to_numpy(), rows["n"].to_numpy()
    return np.where(n < people.change[i], people.first[i], people.second[i])


def _alliance(
    truth: Truth, people: People, rows: pd.DataFrame, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Answers to the WAI-SR items, and the therapist's sum, before anything goes missing."""
    i, n = rows["i"].to_numpy(), rows["n"].to_numpy()
    patients, units = len(people.patients), int(people.unit.max()) + 1
    together = (people.patients["format"] != "individual").to_numpy()
    shared = truth.alliance_unit_sd * rng.standard_normal(units)[people.unit] * together
    own = truth.alliance_patient_sd * rng.standard_normal(patients)
    of_therapist = people.effects["alliance"].to_numpy()[_therapist(people, rows)]
    usual = (own + shared)[i] + of_therapist + truth.alliance_drift * np.log(n)
    deficit = rows["deficit"].to_numpy()

    occasion = truth.alliance_occasion_sd * rng.standard_normal(len(rows))
    level = (truth.alliance_mean + usual - deficit + occasion) / len(ITEMS)
    easier = rng.permutation(np.linspace(-0.35, 0.35, len(ITEMS)))
    answers = level[:, None] + easier + truth.item_sd * rng.standard_normal((len(rows), len(ITEMS)))

    style = rng.normal(0.0, 2.5, len(people.therapist_ids))[_therapist(people, rows)]
    score = 45.0 + 0.5 * usual + style - truth.therapist_sensitivity * deficit
    score += rng.normal(0.0, 2.5, len(rows))
    return np.clip(np.rint(answers), 1, 5).astype(int), np.clip(np.rint(score), 12, 60).astype(int)


def _psq(who: str, rows: pd.DataFrame, rng: np.random.Generator) -> dict[str, Floats]:
    """Post-session questions of one party; resolution is asked only after a reported rupture."""
    is_open = (rows["state"] == UNREPAIRED).to_numpy()
    mended = rows["repair"].to_numpy()
    deep = is_open & (rows["deficit"] >= DEEP).to_numpy()
    n, (*when_ruptured, otherwise) = len(rows), REPORTS[who]
    reported = rng.random(n) < np.select([deep, is_open, mended], when_ruptured, otherwise)
    felt = 1.2 + 1.2 * reported + np.select([deep, is_open, mended], [1.1, 0.5, 0.5], 0.0)
    resolved = np.select([mended, is_open], [4.3, 2.1], 3.6)
    tension, resolution = (_one_to_five(mean, 0.7, rng, n) for mean in (felt, resolved))
    return {
        "rupture": reported.astype(float),
        "tension": tension,
        "resolution": np.where(reported, resolution, np.nan),
    }


def _one_to_five(mean: Floats, sd: float, rng: np.random.Generator, n: int) -> Floats:
    return np.clip(np.rint(mean + sd * rng.standard_normal(n)), 1, 5)


def _leave_out(
    sessions: pd.DataFrame, rows: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Take out single answers and whole forms; those who drop out skip the last form more often."""
    before_dropout = (rows["last"] & (rows["ending"] == DROPOUT)).to_numpy()
    out = sessions.astype(dict.fromkeys([*PATIENT_FORM, *THERAPIST_FORM], "float64"))
    for columns, who in ((PATIENT_FORM, "patient"), (THERAPIST_FORM, "therapist")):
        rate = np.where(before_dropout, LAST_FORM_MISSING[who], FORM_MISSING[who])
        blank: Flags = rng.random((len(out), len(columns))) < ITEM_MISSING
        blank |= (rng.random(len(out)) < rate)[:, None]
        out[columns] = out[columns].mask(blank)
        unasked = out[f"psq_{who}_rupture"] != 1
        out.loc[unasked, f"psq_{who}_resolution"] = np.nan
    out["symptom"] = out["symptom"].mask(rng.random(len(out)) < FORM_MISSING["symptom"])
    return out
