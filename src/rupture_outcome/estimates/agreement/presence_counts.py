"""The counts that coefficients of presence rest on, and which of them is the smallest."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from rupture_outcome.coding.observer import SCALES
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.chance_corrected import presence_features
from rupture_outcome.estimates.agreement.rater_agreement import at_threshold
from rupture_outcome.estimates.agreement.rating_matrix import RatingMatrix

COLUMNS = ["measure", "model", "type", "present_low", "present_high", "fewest"]


def presence_counts(ratings: pd.DataFrame, *, thresholds: Iterable[float] = (2, 3)) -> pd.DataFrame:
    """Marginals of the raters, and the smallest count that kappa and AC1 would give away.

    Parameters
    ----------
    ratings : pandas.DataFrame
        As for `rater_agreement`.
    thresholds : iterable of float
        A rating at or above it says present.

    Returns
    -------
    pandas.DataFrame
        One row a measure, model and type as in `rater_agreement`: present_low and present_high
        (lowest and highest share of his sessions in which a rater says present), fewest (the
        smallest number of sessions above 0 among those that are present, absent and disputed, for
        each rater and for all).

    Notes
    -----
    Two coefficients and the number of sessions determine the expected and the observed agreement,
    so these counts can be computed from what `rater_agreement` returns.
    """
    rows = []
    for threshold in thresholds:
        for measure in SCALES:
            matrix = at_threshold(RatingMatrix.of(ratings, measure), threshold)
            for model, part in (("exchangeable_raters", matrix), ("two_raters", matrix.pair())):
                kind = f"present_at_{threshold:g}"
                rows.append((measure, model, kind, *_shares(part), _fewest(part.ratings)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _shares(matrix: RatingMatrix) -> tuple[float, float]:
    if len(matrix) == 0:
        return np.nan, np.nan
    shares = np.nanmean(matrix.ratings, axis=0)
    return float(shares.min()), float(shares.max())


def _fewest(present: Floats) -> float:
    """Smallest count above 0, rounded; NaN without sessions."""
    if len(present) == 0:
        return np.nan
    n, agree, yes = presence_features(present).sum(axis=0)
    own, rated = np.nansum(present, axis=0), (~np.isnan(present)).sum(axis=0)
    counts = np.rint(np.concatenate([[yes, n - yes, n - agree], own, rated - own]))
    return float(counts[counts > 0].min())
