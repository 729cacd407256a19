"""How and when treatments ended: cumulative incidence of every ending."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rupture_outcome.cohort.clusters import clusters_of_patients, few_therapists
from rupture_outcome.engine.cumulative_incidence import cumulative_incidence, incidence_shares
from rupture_outcome.engine.two_stage_bootstrap import percentile_level, two_stage_weights
from rupture_outcome.estimates.landmark.landmark_bootstrap import (
    NO_THERAPISTS,
    Draws,
    curve_interval,
)

ENDINGS = ("dropout", "completed", "agreed", "referred", "administrative")


def ending_curves(sessions: pd.DataFrame, endings: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Cumulative incidence of every ending by number of attended sessions.

    Parameters
    ----------
    sessions : DataFrame
        Clean sessions: ``patient_id``, ``session``, ``attended``, ``therapist_id``.
    endings : DataFrame
        Clean endings: ``patient_id``, ``ending``; treatments that go on are censored.
    draws : Draws
        How the pointwise intervals are made: whole therapists are drawn.

    Returns
    -------
    DataFrame
        cause (the ending), session (attended sessions), estimate, ci_low, ci_high, at_risk,
        patients (at the start), reason (of few therapists).
    """
    came = sessions[sessions["attended"].eq(1)]
    ended = endings.dropna(subset=["ending"]).set_index("patient_id")["ending"].astype(str)
    time = came.groupby("patient_id").size().reindex(ended.index).dropna().astype(int)
    cluster = clusters_of_patients(came, time.index)
    causes = [cause for cause in ENDINGS if ended.eq(cause).any()]
    everyone = pd.Series("all", index=time.index)
    curves = cumulative_incidence(time, ended[time.index], everyone, causes=causes)
    cause = pd.Index(causes).get_indexer(pd.Index(ended[time.index]))
    replicates = _drawn(time.to_numpy(), cause, len(causes), cluster, draws)
    level = percentile_level(draws.confidence, cluster, draws.resampled)
    shape = (len(replicates), len(curves))
    low, high = curve_interval(curves["estimate"].to_numpy(), replicates.reshape(shape), level)
    bounded = curves.assign(ci_low=low, ci_high=high, patients=len(time))
    few = few_therapists(came, NO_THERAPISTS)
    return bounded.drop(columns=["variance", "group"]).assign(reason=few)


def _drawn(
    time: NDArray[np.integer],
    cause: NDArray[np.integer],
    causes: int,
    cluster: NDArray[np.integer],
    draws: Draws,
) -> NDArray[np.float64]:
    """Curves of the replicates, shape (replicates, causes, times from 0 on)."""
    times = int(time.max(initial=0)) + 1
    cell = np.where(cause < 0, causes, cause) * times + time
    shape = ((causes + 1) * times, len(time))
    cells = csr_array((np.ones(len(time)), (cell, np.arange(len(time)))), shape=shape)
    rng = np.random.default_rng(draws.seed)
    blocks = []
    for weights in two_stage_weights(cluster, draws.replicates, rng, draws.resampled):
        counts = np.ascontiguousarray((cells @ weights.T).T).reshape(-1, causes + 1, times)
        blocks.append(incidence_shares(counts[:, :-1], counts.sum(axis=1)))
    return np.concatenate(blocks)
