"""How each treatment ended: one row a patient, with all that a definition of dropout may read."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.scales import instrument_of, reliable_change

SYMPTOM = "symptom"


def treatment_endings(
    sessions: pd.DataFrame,
    patients: pd.DataFrame,
    endings: pd.DataFrame,
    instruments: Mapping[str, Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    r"""Put ending, plan, attendance and change in symptoms of each patient together.

    Symptoms improve reliably (Jacobson and Truax 1991) where they fall from the first to the last
    rating by more than

    .. math:: 1.96 \cdot \sqrt 2 \cdot s \sqrt{1 - r}

    with s the SD of the first ratings over patients (ddof 1) and r the reliability of the
    instrument in the config that measures ``symptom``; where higher scores are better, they have
    to rise. Nothing here reads a rupture or the alliance: the outcome must not hold the exposure.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions: ``patient_id``, ``session``, ``attended``, ``therapist_id`` and, where the
        study has it, ``symptom`` (taken before the session).
    patients : DataFrame
        ``patient_id``, ``therapist_id``, ``planned_sessions``.
    endings : DataFrame
        One row a patient: ``patient_id``, ``ending`` and what else is known of it.
    instruments : mapping, optional
        Section `instruments` of the config.

    Returns
    -------
    DataFrame
        The rows and columns of `endings` and ``therapist_id`` (of the first attended session),
        ``planned`` and ``attended`` (sessions; Int64), ``rated_by`` (attended sessions until the
        second rating of symptoms; Int64), ``symptom_change`` (last minus first rating, in points,
        positive where better) and ``reliable_improvement`` (boolean). Missing is: what the study
        does not hold, and a change where there are fewer than two ratings.

    Examples
    --------
    First ratings are 20 and 14, so that with a reliability of 0.86 a fall of more than
    1.96 · √2 · 4.24 · √0.14 = 4.4 points is a reliable one.

    >>> sessions = pd.DataFrame({"patient_id": list("aab"), "session": [1, 2, 1], "attended": 1,
    ...                          "therapist_id": "x", "symptom": [20, 8, 14]})
    >>> patients = pd.DataFrame({"patient_id": list("ab"), "therapist_id": "x",
    ...                          "planned_sessions": 12})
    >>> endings = pd.DataFrame({"patient_id": list("ab"), "ending": ["agreed", "dropout"]})
    >>> phq9 = {"measures": "symptom", "range": [0, 27], "direction": -1, "reliability": 0.86}
    >>> treated = treatment_endings(sessions, patients, endings, {"phq9": phq9}).astype(object)
    >>> treated[["attended", "symptom_change", "reliable_improvement"]].values.tolist()
    [[2, 12.0, True], [1, nan, <NA>]]
    """
    held = _held(sessions)
    of_patient = patients.set_index("patient_id")
    frame = endings.set_index("patient_id")
    first = held.drop_duplicates("patient_id").set_index("patient_id")["therapist_id"]
    first, given = first.astype("string"), of_patient["therapist_id"].astype("string")
    count = held.groupby("patient_id", observed=True).size()
    frame = frame.assign(
        therapist_id=first.reindex(frame.index).fillna(given.reindex(frame.index)),
        planned=of_patient["planned_sessions"].astype("Int64").reindex(frame.index),
        attended=count.reindex(frame.index).fillna(0).astype("Int64"),
    )
    return frame.join(_symptoms(held, instruments or {}).reindex(frame.index)).reset_index()


def _held(sessions: pd.DataFrame) -> pd.DataFrame:
    """Attended sessions in order, numbered within the patient."""
    columns = ["patient_id", "session", "therapist_id", *sessions.columns.intersection([SYMPTOM])]
    held = sessions.loc[sessions["attended"].eq(1).fillna(False), columns]
    held = held.sort_values(["patient_id", "session"], ignore_index=True)
    return held.assign(count=held.groupby("patient_id", observed=True).cumcount() + 1)


def _symptoms(held: pd.DataFrame, instruments: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Change and improvement per patient with at least two ratings, by patient."""
    instrument = instrument_of(SYMPTOM, instruments)
    score = held[SYMPTOM] if SYMPTOM in held else pd.Series(np.nan, held.index)
    score = pd.Series(score.to_numpy(dtype=float, na_value=np.nan), held.index)
    rated = held.assign(score=score)[score.notna()]
    by_patient = rated.groupby("patient_id", observed=True)
    first, last = by_patient["score"].first(), by_patient["score"].last()
    second = rated[by_patient.cumcount().eq(1)].set_index("patient_id")["count"]
    change = instrument.direction * (last - first).reindex(second.index)
    # Without the reliability there is no least change, and so nothing is known of improvement.
    reliability = np.nan if instrument.reliability is None else instrument.reliability
    least = reliable_change(float(first.std(ddof=1)) if len(first) > 1 else np.nan, reliability)
    improved = (change > least).astype("boolean").mask(np.isnan(least) | change.isna())
    return pd.DataFrame(
        {
            "rated_by": second.astype("Int64"),
            "symptom_change": change.astype(float),
            "reliable_improvement": improved,
        }
    )
