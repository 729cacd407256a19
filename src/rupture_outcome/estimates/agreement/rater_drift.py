"""Whether raters agree less as time goes on."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from rupture_outcome.coding.observer import SCALES
from rupture_outcome.engine.arrays import Bools, Floats
from rupture_outcome.engine.cluster_bootstrap import (
    Bootstrapped,
    cluster_bootstrap,
    cluster_sums,
)
from rupture_outcome.engine.intraclass import one_way, one_way_features
from rupture_outcome.engine.reasons import joined, reason
from rupture_outcome.estimates.agreement.rating_matrix import FEWEST, SESSION, RatingMatrix

HALVES = ("early", "late", "late_minus_early")
DRIFT = [
    *("measure", "half", "order", "median", "n", "patients", "raters"),
    *("estimate", "ci_low", "ci_high", "statistic", "reason"),
]


def rater_drift(
    ratings: pd.DataFrame,
    *,
    rng: np.random.Generator,
    order: str = "session",
    replicates: int = 1000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Agreement in the earlier and the later half of sessions, and the difference.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row a rater and session: patient_id, session, rater_id, withdrawal, confrontation,
        resolution.
    rng : numpy.random.Generator
    order : str
        Numeric column that sessions are split by, at its median over sessions that two raters
        rated; those at the median are early, those without a value are left out. The session
        number shows whether late sessions are harder to rate. Whether *raters* drift shows only in
        the order of coding: give its column if the study recorded it.
    replicates : int
        Resamples of patients.
    confidence : float

    Returns
    -------
    pandas.DataFrame
        measure, half (early, late, late_minus_early), order, median, n, patients, raters, estimate,
        ci_low, ci_high, statistic (ICC(1,1), as raters may change between sessions), note. The
        interval of the difference keeps a patient's early and late sessions together.
    """
    rows = []
    for measure in SCALES:
        matrix, early, median = _split(ratings, measure, order)
        features = one_way_features(matrix.standardised)
        sums = _sums_of_halves(features, early, matrix)
        found = cluster_bootstrap(
            sums, _of_halves(_single), rng=rng, replicates=replicates, confidence=confidence
        )
        rated = ~np.isnan(matrix.ratings)
        for i, (half, which) in enumerate(_halves(early)):
            raters = int(rated[which].any(axis=0).sum())
            row = _row(matrix, _fewest(early, which), which, found, i)
            rows.append((measure, half, order, median, *row[:2], raters, *row[2:5], row[5]))
    table = pd.DataFrame(rows, columns=[name for name in DRIFT if name != "statistic"])
    return table.assign(statistic="ICC(1,1)")[DRIFT]


def _split(ratings: pd.DataFrame, measure: str, order: str) -> tuple[RatingMatrix, Bools, float]:
    """Sessions with a known place in the order, which of them are early, and the median."""
    matrix = RatingMatrix.of(ratings, measure)
    places = ratings[SESSION].assign(place=ratings[order])
    mean = places.groupby(SESSION, observed=True)["place"].mean().reindex(matrix.index)
    place = mean.to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(place)
    median = float(np.median(place[known])) if known.any() else np.nan
    return matrix.part(known), place[known] <= median, median


def _halves(early: Bools) -> Iterator[tuple[str, Bools]]:
    return zip(HALVES, (early, ~early, early | ~early), strict=True)


def _fewest(early: Bools, which: Bools) -> int:
    """Sessions of the smaller half that an estimate rests on."""
    parts = (int((which & early).sum()), int((which & ~early).sum()))
    return min(part for part in parts if part) if any(parts) else 0


def _sums_of_halves(features: Floats, early: Bools, matrix: RatingMatrix) -> Floats:
    halves = np.hstack([features * early[:, None], features * ~early[:, None]])
    return cluster_sums(halves, matrix.patient)


def _of_halves(statistic: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    def both(total: Floats) -> Floats:
        early, late = (statistic(half) for half in np.split(total, 2, axis=-1))
        return np.stack([early, late, late - early], axis=-1)

    return both


def _single(total: Floats) -> Floats:
    return one_way(total)[..., 0]


def _row(
    matrix: RatingMatrix, fewest: int, which: Bools, found: Bootstrapped, at: int
) -> tuple[int, int, float, float, float, str]:
    """n, patients, estimate, interval and note of one half or of the difference."""
    counts = int(which.sum()), len(np.unique(matrix.patient[which]))
    if fewest < FEWEST:
        return *counts, np.nan, np.nan, np.nan, reason("too_few_sessions")
    if np.isnan(found.estimate[at]):
        return *counts, np.nan, np.nan, np.nan, reason("ratings_in_one_half")
    note = joined(*found.notes(at))
    return *counts, found.estimate[at], found.low[at], found.high[at], note
