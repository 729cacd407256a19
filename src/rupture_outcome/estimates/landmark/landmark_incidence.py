"""Cumulative incidence from landmarks, with the intervals of the bootstrap of therapists."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.cohort.clusters import few_therapists, patient_clusters
from rupture_outcome.cohort.specifications import each_specification
from rupture_outcome.engine.cumulative_incidence import cumulative_incidence, incidence_shares
from rupture_outcome.engine.two_stage_bootstrap import percentile_level
from rupture_outcome.estimates.landmark.landmark import CAUSES, EXPOSURE, after_landmark
from rupture_outcome.estimates.landmark.landmark_bootstrap import (
    NO_THERAPISTS,
    Array,
    Draws,
    Followed,
    curve_interval,
    drawn_counts,
    follow_from,
)

CURVE_COLUMNS = (
    "landmark",
    "state",
    "cause",
    "session",
    "estimate",
    "ci_low",
    "ci_high",
    "at_risk",
    "definition",
    "repair_rule",
    "reason",
)


def landmark_incidence(
    person_sessions: pd.DataFrame, landmarks: Sequence[int], draws: Draws
) -> pd.DataFrame:
    """Cumulative incidence of every ending from each landmark on, by the state at it.

    Of those in treatment after the landmark; ``intact`` is the curve of those without a rupture so
    far, for comparison. Agreed and other endings compete with dropout; who is still in treatment
    when the data end is censored. Intervals are those of
    `rupture_outcome.estimates.landmark.landmark_contrasts`, from the same draws of therapists: a
    curve at the horizon has one interval.

    Parameters
    ----------
    person_sessions : DataFrame
        The risk set, from `rupture_outcome.cohort.risk_set.person_sessions`.
    landmarks : sequence of int
        Sessions on the clock.
    draws : Draws
        How the pointwise intervals are made.

    Returns
    -------
    DataFrame
        The columns of ``cumulative_incidence.csv``; ``session`` is on the clock, from the landmark
        (where the estimate is 0) to the last session; ``reason`` tells of few therapists. A
        landmark that nobody passed has no rows.
    """
    curves: list[pd.DataFrame] = []
    followed: list[Followed] = []
    cluster, patients, few = np.zeros(0, dtype=np.intp), pd.Index([]), ""
    for definition, rule, rows in each_specification(person_sessions):
        if patients.empty:  # the same under all of them
            cluster, _ = patient_clusters(rows)
            few = few_therapists(rows, NO_THERAPISTS)
            patients = pd.Index(rows["patient_id"].drop_duplicates())
        for landmark in landmarks:
            later = after_landmark(rows, landmark)
            if len(later):
                named = {"definition": definition, "repair_rule": rule}
                curves.append(_curves(later, landmark).assign(**named))
                end = int(later["time"].max())
                followed.append(follow_from(rows, landmark, end, patients))
    if not curves:
        return pd.DataFrame(columns=list(CURVE_COLUMNS))
    level = percentile_level(draws.confidence, cluster, draws.resampled)
    replicates = _replicates(followed, cluster, draws)
    bounded = map(_bounded, curves, replicates, [level] * len(curves))
    return pd.concat(bounded, ignore_index=True).assign(reason=few)[list(CURVE_COLUMNS)]


def _curves(later: pd.DataFrame, landmark: int) -> pd.DataFrame:
    last = later.drop_duplicates("patient_id", keep="last")
    curves = cumulative_incidence(
        last["time"], last["event"], last[EXPOSURE], causes=CAUSES, start=landmark
    )
    named = curves.rename(columns={"group": "state"}).assign(landmark=np.int64(landmark))
    return named.sort_values("state", key=lambda state: state.map(STATES.index), kind="stable")


def _replicates(followed: Sequence[Followed], cluster: np.ndarray, draws: Draws) -> list[Array]:
    """Draw curves, each of shape (replicates, states, causes, times from the landmark on)."""
    blocks: list[list[Array]] = [[] for _ in followed]
    for counts in drawn_counts(followed, cluster, draws):
        for collected, one in zip(blocks, counts, strict=True):
            drawn = incidence_shares(one[..., :-1, :], one.sum(axis=-2))
            collected.append(drawn[..., :-1].astype(np.float32))
    return [np.concatenate(collected) for collected in blocks]


def _bounded(curves: pd.DataFrame, replicates: Array, level: float) -> pd.DataFrame:
    at = (
        curves["state"].map(STATES.index).to_numpy(),
        curves["cause"].map(CAUSES.index).to_numpy(),
        (curves["session"] - curves["landmark"]).to_numpy(),
    )
    low, high = curve_interval(
        curves["estimate"].to_numpy(), replicates[:, *at].astype(np.float64), level
    )
    return curves.assign(ci_low=low, ci_high=high)
