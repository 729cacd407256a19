"""Symptoms at the start and at the end of each treatment: as last rated, and as a model has it."""

import numpy as np
import pandas as pd

from rupture_outcome.cohort.design import INTERCEPT, groups_of
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.reasons import NOT_CONVERGED
from rupture_outcome.estimates.growth.growth_fit import fit_growth
from rupture_outcome.estimates.growth.growth_rows import course_of

SYMPTOM = "symptom"
# What is read of scored sessions.
SESSIONS = ("patient_id", "session", "attended", "therapist_id", SYMPTOM)
LAST_RATING, MODELLED = "last_rating", "modelled"
END_POINTS = (LAST_RATING, MODELLED)
# Each end point's score, and the session that it stands for.
END_COLUMNS = (
    *("patient_id", "ratings", "before", LAST_RATING, f"{LAST_RATING}_at"),
    *(MODELLED, f"{MODELLED}_at", f"{MODELLED}_reason"),
)
FEWEST_RATINGS = 2


def end_points(sessions: pd.DataFrame, limits: tuple[float, float] | None = None) -> pd.DataFrame:
    """Give symptoms at the start and at both end points.

    `last_rating` carries the last rating forward to the end. `modelled` is the rating of the last
    attended session or, where that has none, what a growth model expects there of this patient:
    ``symptom ~ log course + (1 + course | patient) + (1 | therapist)`` on all ratings. Nothing is
    extrapolated beyond the last session that the patient came to.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions: ``patient_id``, ``session``, ``attended``, ``therapist_id``, ``symptom``.
    limits : (float, float), optional
        Lowest and highest possible score: what the model expects lies within.

    Returns
    -------
    DataFrame
        One row a patient who attended a session: ``ratings`` (their number), ``before`` (the first
        one), ``last_rating`` and ``modelled`` (points), each with the session that it stands for
        (``_at``); NaN of who was rated less than twice, for whom no change is known.
        ``modelled_reason`` says why nothing could be expected of a patient.

    Examples
    --------
    b was not rated in the last session, for which a model would be asked:

    >>> came = pd.DataFrame({"patient_id": list("aabbb"), "session": [1, 2, 1, 2, 3],
    ...                      "attended": 1, "therapist_id": "t",
    ...                      "symptom": [20.0, 9.0, 14.0, 13.0, None]})
    >>> ends = end_points(came)
    >>> ends[["before", "last_rating", "last_rating_at", "modelled_at"]].values.tolist()
    [[20.0, 9.0, 2.0, 2.0], [14.0, 13.0, 2.0, 3.0]]
    """
    held = _held(sessions)
    rated = held[held[SYMPTOM].notna()]
    last = held.drop_duplicates("patient_id", keep="last").set_index("patient_id")
    known = rated.groupby("patient_id", observed=True)
    ends = pd.DataFrame(index=last.index)
    ends["ratings"] = known.size().reindex(ends.index).fillna(0).astype(int)
    twice = ends["ratings"] >= FEWEST_RATINGS
    ends["before"] = known[SYMPTOM].first()
    ends[LAST_RATING] = known[SYMPTOM].last().where(twice)
    ends[f"{LAST_RATING}_at"] = known["session"].last().astype(float).where(twice)
    ends[MODELLED] = last[SYMPTOM].where(twice)
    ends[f"{MODELLED}_at"] = last["session"].astype(float).where(twice)
    ends[f"{MODELLED}_reason"] = ""
    asked = last[twice & last[SYMPTOM].isna()]
    if len(asked):
        expected, why = _expected(rated, asked)
        ends.loc[asked.index, MODELLED] = expected if limits is None else expected.clip(*limits)
        ends.loc[asked.index, f"{MODELLED}_reason"] = why
    return ends.reset_index()[list(END_COLUMNS)]


def _held(sessions: pd.DataFrame) -> pd.DataFrame:
    """Attended sessions in order, numbered within the patient, with their place on the course."""
    columns = ["patient_id", "session", "therapist_id"]
    held = sessions.loc[sessions["attended"].eq(1).fillna(False), columns]
    score = sessions[SYMPTOM] if SYMPTOM in sessions else pd.Series(np.nan, sessions.index)
    points = score.loc[held.index].to_numpy(dtype=float, na_value=np.nan)
    # plain identifiers: categories of nobody would be in the way
    ids, session = np.asarray(held["patient_id"]), held["session"].astype("int64")
    held = held.assign(patient_id=ids, session=session, **{SYMPTOM: points})
    held = held.sort_values(["patient_id", "session"], ignore_index=True)
    time = held.groupby("patient_id", observed=True).cumcount().astype(float) + 1
    return held.assign(course=course_of(time, "log")) if len(held) else held.assign(course=0.0)


def _expected(rated: pd.DataFrame, asked: pd.DataFrame) -> tuple["pd.Series[float]", str]:
    """Expect the score of patients' last sessions, in points, and say why there is none."""
    nothing = pd.Series(np.nan, asked.index)
    groups, _ = groups_of(rated, "therapist_id")
    design = pd.DataFrame({INTERCEPT: 1.0, "course": rated["course"]}, rated.index)
    try:
        fit, _ = fit_growth(rated[SYMPTOM], design, rated["patient_id"], rated["course"], groups)
    except ModelError as error:
        return nothing, error.reason
    if not fit.converged:
        return nothing, NOT_CONVERGED
    # of the last rated session: it is in the fit, and mostly that of the last session
    therapist = None
    if groups is not None:
        by_patient = groups.set_axis(pd.Index(rated["patient_id"]))
        therapist = by_patient[~by_patient.index.duplicated(keep="last")].reindex(asked.index)
    new = pd.DataFrame({INTERCEPT: 1.0, "course": asked["course"]}, asked.index)
    return fit.predict(
        new,
        effects="patient",
        slope=asked["course"],
        patient=asked.index.to_series(),
        therapist=therapist,
    ), ""
