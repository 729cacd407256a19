"""All that the multistate model gives for the primary definition and repair rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import few_therapists, first_therapists
from rupture_outcome.cohort.horizon import horizon_of
from rupture_outcome.engine.reasons import NOT_ESTIMABLE, joined, reason
from rupture_outcome.engine.two_stage_bootstrap import percentile_level
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, hardly_tested
from rupture_outcome.estimates.multistate.aalen_johansen import courses
from rupture_outcome.estimates.multistate.bands import (
    drawn_chains,
    observed_chain,
)
from rupture_outcome.estimates.multistate.repair_hazard import (
    Fitted,
    age_ratio,
    fit_age_of_rupture,
    fit_repair,
    repair_chances,
)
from rupture_outcome.estimates.multistate.repair_what_if import (
    BEST,
    OBSERVED,
    best_quarter,
    repair_what_if,
    therapist_shifts,
)
from rupture_outcome.estimates.multistate.state_occupancy import (
    hazard_frame,
    occupancy_frame,
    probability_frame,
    time_frame,
)

FRAMES = (
    "state_occupancy",
    "transition_probabilities",
    "transition_hazards",
    "time_in_state",
    "repair_what_if",
)
ESTIMATES = ("estimate", "ci_low", "ci_high", "band_low", "band_high")
GAPS = ("difference", "difference_low", "difference_high", "shift")
ONE_THERAPIST = reason("one_therapist_intervals")
NO_THERAPIST = reason("therapists_not_known")


@dataclass(frozen=True)
class Multistate:
    """Frames by name (`FRAMES`), and an entry for every fitted model."""

    frames: dict[str, pd.DataFrame]
    fits: list[dict[str, Any]]


def multistate(
    rows: pd.DataFrame, models: Mapping[str, Any], rng: np.random.Generator
) -> Multistate:
    """Estimate occupancy, transitions, hazards, time in every state and "what if".

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, in order of patient and time.
    models : mapping
        Section `models` of the config; the curves go to its horizon, transition probabilities
        start after its landmarks.
    rng : numpy.random.Generator

    Returns
    -------
    Multistate
        Frames end with ``definition``, ``repair_rule`` and ``reason``. Where the definition could
        hardly be tested the state is not known: estimates are NaN and the note says so.
    """
    settings = HazardSettings.from_config(models)
    course = courses(rows, horizon_of(rows, models["horizon"]))
    cluster = first_therapists(rows)
    found = observed_chain(course)
    drawn = drawn_chains(course, cluster, models["replicates"], rng, models["resampled"])
    repair, age = fit_repair(rows, settings), fit_age_of_rupture(rows, settings)
    level = percentile_level(settings.confidence, cluster, models["resampled"])
    shifts = therapist_shifts(repair, models["replicates"], rng)
    what_if = repair_what_if(found, drawn, shifts, course.times, level)
    ratio = pd.DataFrame([_with_events(age, settings.confidence)])
    times = pd.concat([time_frame(course, found, drawn, level), ratio], ignore_index=True)
    frames = {
        "state_occupancy": occupancy_frame(course, found, drawn, level),
        "transition_probabilities": probability_frame(
            course, found, drawn, models["landmarks"], level
        ),
        "transition_hazards": hazard_frame(course, found, drawn, level),
        "time_in_state": times.assign(horizon=course.end),
        "repair_what_if": _with_basis(what_if, repair, rows),
    }
    given = {name: str(rows[name].iloc[0]) for name in ("definition", "repair_rule")}
    untested = hardly_tested(rows, settings.min_testable)
    lone = ONE_THERAPIST if len(np.unique(cluster)) == 1 else few_therapists(rows, "")
    lone = NO_THERAPIST if rows["therapist_id"].isna().all() else lone
    return Multistate(
        {name: _told(frame, given, untested, lone) for name, frame in frames.items()},
        [{**fit.report(settings.confidence), **given} for fit in (repair, age)],
    )


def _with_events(age: Fitted, confidence: float) -> dict[str, Any]:
    events = without = np.nan
    if age.fit is not None:
        events, without = float(age.fit.n_events), float(age.fit.nobs - age.fit.n_events)
    return age_ratio(age, confidence) | {"events": events, "without": without}


def _with_basis(what_if: pd.DataFrame, repair: Fitted, rows: pd.DataFrame) -> pd.DataFrame:
    """Add the cells that what if rests on.

    Therapists of the best quarter and their patients with open ruptures; repairs, or sessions
    without one, whichever are fewer; patients who start.
    """
    therapists = patients = fewest = np.nan
    if repair.fit is not None:
        best = best_quarter(repair.fit)
        chances = repair_chances(rows)
        theirs = chances["therapist_id"].isin(list(best.index))
        therapists, patients = len(best), chances.loc[theirs, "patient_id"].nunique()
        fewest = min(repair.fit.n_events, repair.fit.nobs - repair.fit.n_events)
    is_best = what_if["scenario"].eq(BEST)
    return what_if.assign(
        therapists=np.where(is_best, therapists, np.nan),
        patients=np.where(is_best, patients, np.nan),
        fewest_repairs=np.where(what_if["scenario"].ne(OBSERVED), fewest, np.nan),
        started=rows["patient_id"].nunique(),
    )


def _told(frame: pd.DataFrame, given: Mapping[str, str], untested: str, lone: str) -> pd.DataFrame:
    notes = frame.get("reason", pd.Series("", index=frame.index)).fillna("").astype(str)
    out = frame.drop(columns="reason", errors="ignore").assign(**given)
    if untested:
        hidden = [name for name in (*ESTIMATES, *GAPS) if name in out]
        out[hidden] = np.nan
        return out.assign(reason=joined(NOT_ESTIMABLE, untested))
    return out.assign(reason=[joined(note, lone) for note in notes])
