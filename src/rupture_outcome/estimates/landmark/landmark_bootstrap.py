"""Incidence and time lost by the state at a landmark, in bootstrap replicates at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rupture_outcome.coding.follow import STATES
from rupture_outcome.engine.cumulative_incidence import incidence_curves
from rupture_outcome.engine.reasons import reason
from rupture_outcome.engine.two_stage_bootstrap import WHOLE, two_stage_weights
from rupture_outcome.estimates.landmark.landmark import CAUSES, EXPOSURE, after_landmark

Array = NDArray[np.float64]
# Beyond this share of replicates without a value, the others are a selection.
MOST_UNDEFINED = 0.1
NO_THERAPISTS = reason("only_patients_drawn")


@dataclass(frozen=True)
class Draws:
    """How the intervals are made.

    Parameters
    ----------
    replicates : int
        Of the cluster bootstrap.
    confidence : float
        With which the pointwise percentile intervals hold.
    seed : int
    resampled : str
        See `rupture_outcome.engine.two_stage_bootstrap.two_stage_weights`.
    """

    replicates: int = 1000
    confidence: float = 0.95
    seed: int = 0
    resampled: str = WHOLE


@dataclass(frozen=True)
class Followed:
    """Patients in treatment after a landmark: where each stands in the counts of endings.

    Attributes
    ----------
    last : DataFrame
        One row a patient followed: ``patient_id``, ``time``, ``event``, ``state_at_landmark``.
    cells : sparse array, shape (cells, patients of the study)
        1 where a patient is counted, else 0: states × (causes and censored) × times, the time after
        the horizon included.
    landmark, horizon : int
    """

    last: pd.DataFrame
    cells: csr_array
    landmark: int
    horizon: int

    def by(self, unit: NDArray[np.intp]) -> "Followed":
        """Add patients up who are always drawn together.

        Parameters
        ----------
        unit : array of int, shape (patients of the study,)
            Number of each patient's unit, from 0 on.
        """
        shape = (len(unit), int(unit.max(initial=-1)) + 1)
        member = csr_array((np.ones(len(unit)), (np.arange(len(unit)), unit)), shape=shape)
        return replace(self, cells=self.cells @ member)

    def counts(self, weights: Array) -> Array:
        """Count endings under weights: (replicates, states, causes + 1, times).

        The first time is the landmark, where nothing happens; what is after the horizon is at the
        last one.
        """
        shape = (len(weights), len(STATES), len(CAUSES) + 1, self.horizon - self.landmark + 2)
        return np.ascontiguousarray((self.cells @ weights.T).T).reshape(shape)


@dataclass(frozen=True)
class AtHorizon:
    """Measures at the horizon, arrays of shape (replicates, states, causes).

    Attributes
    ----------
    incidence, variance : array
        Cumulative incidence and its variance with patients taken as independent.
    time_lost : array
        Mean time lost to the cause between landmark and horizon, in units of the clock.
    """

    incidence: Array
    variance: Array
    time_lost: Array


def follow_from(rows: pd.DataFrame, landmark: int, horizon: int, patients: pd.Index) -> Followed:
    """Count endings after a landmark by the state at it.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, in order of patient and time.
    landmark, horizon : int
        On the clock of ``time``; the horizon is later.
    patients : Index
        Every patient of the study, in the order of the weights.
    """
    last = after_landmark(rows, landmark).drop_duplicates("patient_id", keep="last")
    times = horizon - landmark + 2
    after = last["time"].to_numpy(dtype=np.int64) > horizon
    event = pd.Index([*CAUSES]).get_indexer(pd.Index(last["event"].astype(str)))
    cause = np.where(after | (event < 0), len(CAUSES), event)
    time = np.minimum(last["time"].to_numpy(dtype=np.int64) - landmark, times - 1)
    state = pd.Index(STATES).get_indexer(pd.Index(last[EXPOSURE].astype(str)))
    cell = (state * (len(CAUSES) + 1) + cause) * times + time
    shape = (len(STATES) * (len(CAUSES) + 1) * times, len(patients))
    place = patients.get_indexer(pd.Index(last["patient_id"]))
    cells = csr_array((np.ones(len(last)), (cell, place)), shape=shape)
    return Followed(last, cells, landmark, horizon)


def drawn_counts(
    followed: Sequence[Followed], cluster: NDArray[np.integer], draws: Draws
) -> Iterator[Iterator[Array]]:
    """Count endings in replicates, block by block: one array of counts for each of `followed`.

    Parameters
    ----------
    followed : sequence of Followed
        Of the same patients; they share the draws.
    cluster : array of int, shape (patients of the study,)
        Therapist of each patient.
    draws : Draws
    """
    rng = np.random.default_rng(draws.seed)
    # Patients of a therapist who is drawn as a whole are counted once and for all.
    whole = draws.resampled == WHOLE
    first, unit = np.unique(
        cluster if whole else np.arange(len(cluster)), return_index=True, return_inverse=True
    )[1:]
    units = [one.by(unit) for one in followed]
    for weights in two_stage_weights(cluster, draws.replicates, rng, draws.resampled):
        drawn = np.asfortranarray(weights[:, first])
        yield map(Followed.counts, units, repeat(drawn))


def at_horizon(counts: Array) -> AtHorizon:
    r"""Aalen–Johansen incidence at the horizon, and mean time lost up to it.

    .. math:: L_k = \int_{\text{landmark}}^{\text{horizon}} F_k(t)\,dt
        = \sum_{t=\text{landmark}}^{\text{horizon} - 1} F_k(t)

    the time that a patient loses to cause k on average, of the horizon less the landmark; over all
    causes and the time in treatment it adds up to that (Andersen 2013, recalled). On the count of
    sessions an ending after session t takes the sessions after t.

    Parameters
    ----------
    counts : array, shape (replicates, states, causes + 1, times)
        From `Followed.counts`.

    Returns
    -------
    AtHorizon
        NaN for a state without patients, and where all left before the horizon, some censored.
    """
    curves = incidence_curves(counts[..., :-1, :], counts.sum(axis=-2))
    empty = curves.at_risk[..., 0] == 0
    values = (
        curves.estimate[..., -2], curves.variance[..., -2], curves.estimate[..., :-2].sum(axis=-1)
    )  # fmt: skip
    return AtHorizon(*(np.where(empty[..., None], np.nan, value) for value in values))


def join(blocks: Sequence[AtHorizon]) -> AtHorizon:
    """Put blocks of replicates together."""
    columns = (
        [getattr(b, name) for b in blocks] for name in ("incidence", "variance", "time_lost")
    )
    return AtHorizon(*map(np.concatenate, columns))


def percentile_interval(replicates: Array, confidence: float) -> tuple[Array, Array, Array]:
    """Percentile interval over the first axis of the replicates that are defined.

    Returns
    -------
    low, high, undefined : arrays of the shape of one replicate
        ``undefined`` is the share of replicates without a value. Quantiles are those of type 7 in
        R, the default there.

    Examples
    --------
    >>> low, high, undefined = percentile_interval(np.array([1.0, 2.0, 3.0, np.nan]), 0.5)
    >>> float(low), float(high), float(undefined)
    (1.5, 2.5, 0.25)
    """
    finite = np.where(np.isfinite(replicates), replicates, np.nan)
    in_order = np.sort(finite, axis=0)
    known = np.isfinite(in_order).sum(axis=0)
    ends = [_quantile(in_order, known, q) for q in ((1 - confidence) / 2, (1 + confidence) / 2)]
    return ends[0], ends[1], 1.0 - known / max(len(replicates), 1)


def curve_interval(estimate: Array, replicates: Array, level: float) -> tuple[Array, Array]:
    """Pointwise interval of an incidence curve.

    Parameters
    ----------
    estimate : array, shape (times,)
        Shares.
    replicates : array, shape (replicates, times)
        Bootstrap replicates; NaN where there is no value.
    level : float
        Of the percentiles.

    Returns
    -------
    low, high : array, shape (times,)
        NaN where the estimate is 0, 1 or missing, where no replicate differs, or where too many
        have no value.
    """
    low, high, undefined = percentile_interval(replicates, level)
    inner = (estimate > 0) & (estimate < 1) & (undefined <= MOST_UNDEFINED) & (low < high)
    return np.where(inner, low, np.nan), np.where(inner, high, np.nan)


def _quantile(in_order: Array, known: NDArray[np.int64], q: float) -> Array:
    position = q * np.maximum(known - 1, 0)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(known - 1, 0))
    low, high = (np.take_along_axis(in_order, i[None], axis=0)[0] for i in (below, above))
    return np.asarray(low + (position - below) * (high - low))
