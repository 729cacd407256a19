"""Where the immortal time sits: sessions before a repair that are counted to repaired patients."""

from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.simulation.leaving import (
    REPAIRED,
    STATES,
    UNREPAIRED,
    Courses,
    Flags,
    World,
    draw_courses,
    histories,
)

EVER, NEVER = "ever_repaired", "never_repaired"
EACH = 6  # drawn patients in each of the two groups


def person_time(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Count dropouts and sessions by patient, as the naive comparison does, and by session.

    Parameters
    ----------
    world : World
        Best one with a repair ratio of 1, and many patients.
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        ``counted`` (by_patient, by_session), ``group`` (ever_repaired, never_repaired; repaired,
        unrepaired), ``share`` of the patients with a rupture, ``dropout`` (share of the group),
        ``length`` (mean attendance), of it ``before_rupture``, ``before_repair`` (rupture open for
        the first time) and ``after_repair``, ``misplaced`` (share of the attendance that is counted
        to repaired patients and lies before their first repair) and ``dropout_per_100`` (dropouts
        per 100 attendances after which there could have been one).
    """
    courses = draw_courses(world, rng)
    told = histories(courses)
    groups = {EVER: told.ever_repaired, NEVER: told.ruptured & ~told.ever_repaired}
    by_patient = [{"group": group, **_of_group(courses, own)} for group, own in groups.items()]
    by_session = [
        {"group": STATES[code], "dropout_per_100": _rate(courses, courses.state == code)}
        for code in (REPAIRED, UNREPAIRED)
    ]
    return pd.concat(
        [
            pd.DataFrame(by_patient).assign(counted="by_patient"),
            pd.DataFrame(by_session).assign(counted="by_session"),
        ],
        ignore_index=True,
    )[["counted", *by_patient[0]]]


def example_courses(world: World, rng: np.random.Generator, each: int = EACH) -> pd.DataFrame:
    """Take the first few patients whose rupture was ever repaired, and never, not a selection.

    Parameters
    ----------
    world : World
    rng : numpy.random.Generator
    each : int
        Patients of each group.

    Returns
    -------
    DataFrame
        One row a patient and attended session: ``course`` (1, 2, …), ``group`` (ever_repaired,
        never_repaired), ``session``, ``state``, ``misplaced`` (the naive comparison counts the
        session to repaired patients although no rupture was repaired yet), ``ending``.
    """
    courses = draw_courses(world, rng)
    told = histories(courses)
    ever = told.ever_repaired
    chosen = [np.flatnonzero(told.ruptured & own)[:each] for own in (ever, ~ever)]
    longest = [own[np.argsort(-courses.last[own], kind="stable")] for own in chosen]
    course, t = np.nonzero(told.attended[np.concatenate(longest)])
    patient = np.concatenate(longest)[course]
    return pd.DataFrame(
        {
            "course": course + 1,
            "group": np.where(ever[patient], EVER, NEVER),
            "session": t + 1,
            "state": np.array(STATES)[courses.state[patient, t]],
            "misplaced": ever[patient] & ~told.since_repair[patient, t],
            "ending": np.where(courses.dropout[patient], "dropout", "agreed_ending"),
        }
    )


def _of_group(courses: Courses, own: Flags) -> dict[str, Any]:
    told = histories(courses)
    parts = {
        "before_rupture": told.attended & ~told.since_rupture,
        "before_repair": told.since_rupture & ~told.since_repair,
        "after_repair": told.since_repair,
    }
    means = {part: sessions[own].sum(axis=1).mean() for part, sessions in parts.items()}
    length = courses.last[own].mean()
    before_repair = means["before_rupture"] + means["before_repair"]
    return {
        "share": own.sum() / told.ruptured.sum(),
        "dropout": courses.dropout[own].mean(),
        "length": length,
        **means,
        "misplaced": before_repair / length if means["after_repair"] else 0.0,
        "dropout_per_100": _rate(courses, own[:, None]),
    }


def _rate(courses: Courses, counted: Flags) -> float:
    """Dropouts per 100 of the sessions counted after which there could have been one."""
    t = np.arange(courses.state.shape[1])
    at_risk = histories(courses).attended & (t < t[-1]) & counted
    drops = at_risk & courses.dropout[:, None] & (t == courses.last[:, None] - 1)
    return float(100.0 * drops.sum() / at_risk.sum())
