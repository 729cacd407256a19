"""Observer coding of simulated sessions: the tables markers and ratings, 3RS style."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.simulation.people import Floats, Ints, People
from rupture_outcome.simulation.process import UNREPAIRED
from rupture_outcome.simulation.truth import Truth

SEGMENT_MINUTES = 5
SESSION_MINUTES = {"individual": 50, "couple": 75, "family": 75, "group": 90}
CODES = {
    "withdrawal": [
        "denial",
        "minimal_response",
        "abstract_talk",
        "storytelling",
        "topic_shift",
        "appeasing",
        "content_affect_split",
    ],
    "confrontation": [
        "complaint_therapist",
        "complaint_activities",
        "complaint_parameters",
        "complaint_progress",
        "rejects_intervention",
        "defends_self",
        "controls_pressure",
    ],
    "resolution": [
        "clarify",
        "change_task_or_goal",
        "explain_rationale",
        "invite_to_talk",
        "own_part",
        "disclose",
        "link_to_relationship",
        "link_to_other_relationships",
        "validate",
        "redirect",
    ],
}
BY_THERAPIST = {"withdrawal": 0.15, "confrontation": 0.10, "resolution": 1.0}
NOTICED = 0.85
SAME_CODE = 0.85
SAME_SEGMENT = 0.90
RATER_BIAS_SD = 0.2
RATER_NOISE_SD = 0.4
THIRD_RATER = 0.4
NOT_RATED = 0.02


def draw_observers(
    truth: Truth, people: People, rows: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``markers`` and ``ratings`` of a random subset of attended sessions.

    Two or three raters of a small pool see the same session; each notices most of what happened,
    sometimes under another code, segment or salience, and rates the session as a whole.
    """
    coded = _choose_sessions(truth, rows, rng)
    coded["patient_id"] = people.patients["patient_id"].to_numpy()[coded["i"]]
    minutes = people.patients["format"].map(SESSION_MINUTES).to_numpy()[coded["i"]]
    coded["session_minutes"] = minutes + rng.choice([-5, 0, 0, 5], len(coded))
    for kind, salience in _salience(coded, rng).items():
        coded[kind] = salience
    seen = _assign_raters(truth, coded, rng)
    ratings = _rate(truth, seen, rng)
    markers = _notice(_happenings(coded, rng), seen, rng)
    return markers, ratings


def _choose_sessions(truth: Truth, rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    patient = rng.random(truth.patients) < truth.coded_patients
    taken = patient[rows["i"]] & (rng.random(len(rows)) < truth.coded_sessions)
    return rows.loc[taken].reset_index(drop=True)


def _salience(coded: pd.DataFrame, rng: np.random.Generator) -> dict[str, Floats]:
    """How salient each kind really was in a session, on the scale 1–5 before rounding."""
    is_open = (coded["state"] == UNREPAIRED).to_numpy()
    mended = coded["repair"].to_numpy()
    depth = np.minimum(coded["deficit"].to_numpy() / 11.0, 1.3)
    confronts = (coded["kind"] == 1).to_numpy()
    ruptured = np.where(is_open, 2.0 * depth, np.where(mended, 0.6, 0.0))
    mean = {
        "withdrawal": 1.6 + ruptured * ~confronts,
        "confrontation": 1.2 + ruptured * confronts,
        "resolution": 1.5 + 0.6 * is_open + 2.0 * mended,
    }
    spread = {"withdrawal": 0.6, "confrontation": 0.35, "resolution": 0.5}
    return {
        kind: np.clip(mean[kind] + rng.normal(0.0, spread[kind], len(coded)), 1, 5) for kind in mean
    }


def _assign_raters(truth: Truth, coded: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Row per coded session and rater: `at` is the position of the session in `coded`."""
    raters = np.where(rng.random(len(coded)) < THIRD_RATER, 3, 2)
    order = rng.random((len(coded), truth.raters)).argsort(axis=1)
    at, place = np.nonzero(np.arange(truth.raters) < raters[:, None])
    return coded.loc[at].assign(at=at, rater=order[at, place]).reset_index(drop=True)


def _rate(truth: Truth, seen: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    ratings = seen[["patient_id", "session"]].assign(rater_id=_rater_ids(seen["rater"]))
    for kind in CODES:
        bias = rng.normal(0.0, RATER_BIAS_SD, truth.raters)[seen["rater"]]
        given = seen[kind] + bias + rng.normal(0.0, RATER_NOISE_SD, len(seen))
        rating = pd.Series(np.clip(np.rint(given), 1, 5), index=seen.index)
        ratings[kind] = rating.mask(rng.random(len(seen)) < NOT_RATED).astype("Int64")
    ratings["session_minutes"] = seen["session_minutes"].astype("Int64")
    ratings["segment_minutes"] = pd.array([SEGMENT_MINUTES] * len(seen), dtype="Int64")
    return ratings.sort_values(["patient_id", "session", "rater_id"], ignore_index=True)


def _happenings(coded: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw what happened in the coded sessions, one row a marker, whoever notices it."""
    frames = []
    for kind, codes in CODES.items():
        count = rng.poisson(np.maximum(coded[kind].to_numpy() - 1.0, 0.0) * 1.5)
        at = np.repeat(np.arange(len(coded)), count)
        segments = coded["session_minutes"].to_numpy()[at] // SEGMENT_MINUTES
        frames.append(
            pd.DataFrame(
                {
                    "at": at,
                    "kind": kind,
                    "segment": rng.integers(1, segments + 1),
                    "segments": segments,
                    "party": np.where(rng.random(len(at)) < BY_THERAPIST[kind], 1, 0),
                    "code": rng.integers(0, len(codes), len(at)),
                    "salience": coded[kind].to_numpy()[at] + rng.normal(0.3, 0.7, len(at)),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _notice(happened: pd.DataFrame, seen: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    pairs = seen[["at", "patient_id", "session", "rater"]].merge(happened, on="at")
    pairs = pairs.loc[rng.random(len(pairs)) < NOTICED].reset_index(drop=True)
    n = len(pairs)
    moved = np.where(rng.random(n) < SAME_SEGMENT, 0, rng.choice([-1, 1], n))
    segment = np.clip(pairs["segment"] + moved, 1, pairs["segments"])
    size = pairs["kind"].map({kind: len(codes) for kind, codes in CODES.items()}).to_numpy()
    code = np.where(rng.random(n) < SAME_CODE, pairs["code"], rng.integers(0, size))
    salience = np.clip(np.rint(pairs["salience"] + rng.normal(0.0, RATER_NOISE_SD, n)), 1, 5)
    markers = pd.DataFrame(
        {
            "patient_id": pairs["patient_id"],
            "session": pairs["session"],
            "segment": segment,
            "rater_id": _rater_ids(pairs["rater"]),
            "kind": pairs["kind"],
            "party": np.where(pairs["party"] == 1, "therapist", "patient"),
            "code": _code_names(pairs["kind"], code),
            "salience": salience.astype("Int64"),
        }
    )
    key = ["patient_id", "session", "segment", "rater_id", "kind", "party", "code"]
    return markers.drop_duplicates(key).sort_values(key, ignore_index=True)


def _code_names(kinds: pd.Series, code: Ints) -> NDArray[np.str_]:
    widest = max(map(len, CODES.values()))
    table = np.array([codes + [""] * (widest - len(codes)) for codes in CODES.values()])
    return table[pd.Index(list(CODES)).get_indexer(pd.Index(kinds)), code]


def _rater_ids(rater: pd.Series) -> pd.Series:
    return "R" + (rater + 1).astype("str")
