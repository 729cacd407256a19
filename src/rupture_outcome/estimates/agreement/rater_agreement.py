"""How far observers agree about the same sessions, with everything a reader needs to judge it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from rupture_outcome.coding.observer import SCALES
from rupture_outcome.coding.segments import frequencies
from rupture_outcome.coding.verdicts import reached
from rupture_outcome.engine import chance_corrected, intraclass
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.cluster_bootstrap import (
    Bootstrapped,
    cluster_bootstrap,
    cluster_sums,
)
from rupture_outcome.engine.reasons import joined, reason, rounded
from rupture_outcome.estimates.agreement.rating_matrix import FEWEST, RatingMatrix

COLUMNS = [
    *("measure", "model", "type", "unit", "n", "raters", "estimate", "ci_low", "ci_high"),
    *("statistic", "patients", "reason"),
]
ONE_WAY = [
    ("ICC(1,1)", "one_way_random", "absolute_agreement", "single"),
    ("ICC(1,k)", "one_way_random", "absolute_agreement", "average"),
]
TWO_WAY = [
    ("ICC(A,1)", "two_way_random", "absolute_agreement", "single"),
    ("ICC(A,1)", "two_way_mixed", "absolute_agreement", "single"),
    ("ICC(C,1)", "two_way_mixed", "consistency", "single"),
    ("ICC(A,k)", "two_way_random", "absolute_agreement", "average"),
    ("ICC(A,k)", "two_way_mixed", "absolute_agreement", "average"),
    ("ICC(C,k)", "two_way_mixed", "consistency", "average"),
]
# Where they stand among the coefficients of `engine.intraclass.TWO_WAY`.
COEFFICIENTS = [intraclass.TWO_WAY.index(name) for name, *_ in TWO_WAY]
RANDOM = np.array([model == "two_way_random" for _, model, *_ in TWO_WAY])
FEW_RATERS = 10
ALPHA = [("krippendorff_alpha", "exchangeable_raters", "interval", "single")]
MULTIPLE = [
    ("fleiss_kappa", "exchangeable_raters", "", "single"),
    ("AC1", "exchangeable_raters", "", "single"),
]
PAIRED = [("cohen_kappa", "two_raters", "", "single"), ("AC1", "two_raters", "", "single")]

Names = list[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are made: `replicates` resamples of patients, level `confidence`."""

    rng: np.random.Generator
    replicates: int
    confidence: float

    def __call__(
        self, features: Floats, matrix: RatingMatrix, statistic: Callable[[Floats], Floats]
    ) -> Bootstrapped:
        """Draw the patients of a matrix, of which `features` are counted by session."""
        return cluster_bootstrap(
            cluster_sums(features, matrix.patient),
            statistic,
            rng=self.rng,
            replicates=self.replicates,
            confidence=self.confidence,
        )


def rater_agreement(
    ratings: pd.DataFrame,
    markers: pd.DataFrame,
    *,
    rng: np.random.Generator,
    thresholds: Iterable[float] = (2, 3),
    replicates: int = 1000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Agreement of raters about session ratings and about frequencies of markers.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row a rater and session: patient_id, session, rater_id, withdrawal, confrontation,
        resolution and, if known, session_minutes.
    markers : pandas.DataFrame
        One row a rater, session, segment and marker. May be empty: then there are no frequencies.
    rng : numpy.random.Generator
        For the intervals.
    thresholds : iterable of float
        A session rating at or above it says present: kappa and AC1 are given for each.
    replicates : int
        Resamples of patients.
    confidence : float
        Level of the intervals.

    Returns
    -------
    pandas.DataFrame
        measure, model, type, unit, n (sessions that two raters or more rated), raters, estimate,
        ci_low, ci_high, statistic (under pingouin's name where it is an ICC), patients, note.
        No row is left out: what cannot be estimated is NaN and the note says why.

    Notes
    -----
    One-way coefficients, alpha, Fleiss' kappa and AC1 use every session with two ratings; raters
    may change from session to session. Two-way coefficients need the same raters in every session:
    they use the largest complete block (`RatingMatrix.block`), Cohen's kappa the pair with most
    sessions in common. The note names these raters. ICC(A,·) has two intervals, each under its
    model: for raters drawn from many (two-way random, `engine.intraclass.random_raters`, and never
    narrower than the other) and for these raters (two-way mixed). All but the first are bootstrap
    intervals over patients, which hold for the raters at hand. "Average" is the reliability of the
    mean of k ratings: `raters` of them, in one-way coefficients as many as the note says. In R:
    ``psych::ICC``, ``irr``, ``irrCAC``.
    """
    bootstrap = Bootstrap(rng, replicates, confidence)
    rows = [row for name in SCALES for row in metric_rows(ratings, name, bootstrap)]
    for threshold in thresholds:
        for name in SCALES:
            rows += presence_rows(ratings, name, threshold, bootstrap)
    if len(markers):
        counted = frequencies(markers, ratings)
        for name in counted.columns[3:]:
            rows += metric_rows(counted, str(name), bootstrap)
    return pd.DataFrame(rows, columns=COLUMNS)


def metric_rows(
    ratings: pd.DataFrame, measure: str, bootstrap: Bootstrap
) -> list[dict[str, object]]:
    """ICCs and alpha of one measure.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row a rater and session.
    measure : str
        Its column of ratings.
    bootstrap : Bootstrap
        Of the intervals.

    Returns
    -------
    list of dict
        One a coefficient: a row of the table of rater agreement.
    """
    matrix = RatingMatrix.of(ratings, measure)
    block = matrix.block()
    return [
        *Agreement(ONE_WAY, matrix, _one_way, [_on_average(matrix)]).rows(measure, bootstrap),
        *Agreement(TWO_WAY, block, _two_way, [_who(matrix, block)]).rows(measure, bootstrap),
        *Agreement(ALPHA, matrix, _alpha, []).rows(measure, bootstrap),
    ]


def presence_rows(
    ratings: pd.DataFrame, measure: str, threshold: float, bootstrap: Bootstrap
) -> list[dict[str, object]]:
    """Kappas and AC1 of one measure that is present at or above a threshold.

    Parameters
    ----------
    ratings, measure, bootstrap
        As in `metric_rows`.
    threshold : float
        In units of the rating.

    Returns
    -------
    list of dict
        As from `metric_rows`.
    """
    matrix = at_threshold(RatingMatrix.of(ratings, measure), threshold)
    pair = matrix.pair()
    rows = [
        *Agreement(MULTIPLE, matrix, _multiple, [_share(matrix)]).rows(measure, bootstrap),
        *Agreement(PAIRED, pair, _paired, [_who(matrix, pair), _share(pair)]).rows(
            measure, bootstrap
        ),
    ]
    return [{**row, "type": f"present_at_{threshold:g}"} for row in rows]


def at_threshold(matrix: RatingMatrix, threshold: float) -> RatingMatrix:
    """Ratings as 1 at or above a threshold and 0 below; what was not rated stays so."""
    present = reached(matrix.ratings, threshold).astype(np.float64)
    return replace(matrix, ratings=np.where(np.isnan(matrix.ratings), np.nan, present))


@dataclass(frozen=True)
class Agreement:
    """Coefficients that share data and a way of being computed."""

    names: Names
    matrix: RatingMatrix
    estimate: Callable[[RatingMatrix, Bootstrap], Bootstrapped]
    remarks: list[str]

    def rows(self, measure: str, bootstrap: Bootstrap) -> list[dict[str, object]]:
        """One row a coefficient."""
        impossible = self._impossible()
        found = None if impossible else self.estimate(self.matrix, bootstrap)
        return [
            {
                "measure": measure,
                **dict(zip(("statistic", "model", "type", "unit"), name, strict=True)),
                "n": len(self.matrix),
                "raters": len(self.matrix.raters),
                "patients": self.matrix.patients,
                **_numbers(found, i, impossible, [*self.remarks, self._few_raters(name[1])]),
            }
            for i, name in enumerate(self.names)
        ]

    def _few_raters(self, model: str) -> str:
        k = len(self.matrix.raters)
        return reason("few_raters", k) if model == "two_way_random" and k < FEW_RATERS else ""

    def _impossible(self) -> str:
        if len(self.matrix) == 0:
            return reason("no_two_raters")
        if len(self.matrix) < FEWEST:
            return reason("too_few_sessions")
        return "" if self.matrix.varies else reason("same_ratings")


def _numbers(
    found: Bootstrapped | None, which: int, impossible: str, remarks: list[str]
) -> dict[str, object]:
    if found is None:
        return {"estimate": np.nan, "ci_low": np.nan, "ci_high": np.nan, "reason": impossible}
    undefined = [reason("undefined")] if np.isnan(found.estimate[which]) else []
    said = [*undefined, *remarks, *found.notes(which)]
    return {
        "estimate": found.estimate[which],
        "ci_low": found.low[which],
        "ci_high": found.high[which],
        "reason": joined(*said),
    }


def _one_way(matrix: RatingMatrix, bootstrap: Bootstrap) -> Bootstrapped:
    features = intraclass.one_way_features(matrix.standardised)
    return bootstrap(features, matrix, intraclass.one_way)


def _two_way(block: RatingMatrix, bootstrap: Bootstrap) -> Bootstrapped:
    features = intraclass.two_way_features(block.standardised)
    found = bootstrap(features, block, intraclass.two_way)
    estimate = np.where(np.isnan(found.estimate), np.nan, intraclass.pingouin_icc(block.ratings))
    limits = intraclass.random_raters(features.sum(axis=0), bootstrap.confidence)
    low, high = found.low[COEFFICIENTS], found.high[COEFFICIENTS]
    # What is not known of these raters is not known of others: their interval is no narrower.
    low[RANDOM], high[RANDOM] = (
        np.minimum(low[RANDOM], limits[0]),
        np.maximum(high[RANDOM], limits[1]),
    )
    return Bootstrapped(
        estimate[COEFFICIENTS], low, high, found.undefined[COEFFICIENTS], found.clusters
    )


def _alpha(matrix: RatingMatrix, bootstrap: Bootstrap) -> Bootstrapped:
    features = chance_corrected.alpha_features(matrix.standardised)
    return bootstrap(features, matrix, chance_corrected.alpha)


def _multiple(matrix: RatingMatrix, bootstrap: Bootstrap) -> Bootstrapped:
    features = chance_corrected.presence_features(matrix.ratings)
    return bootstrap(features, matrix, chance_corrected.presence_coefficients)


def _paired(pair: RatingMatrix, bootstrap: Bootstrap) -> Bootstrapped:
    a, b = pair.ratings.T
    cells = np.column_stack([a * b, a * (1 - b), (1 - a) * b, (1 - a) * (1 - b)])
    return bootstrap(cells, pair, _kappa_and_ac1)


def _kappa_and_ac1(table: Floats) -> Floats:
    return np.stack([chance_corrected.cohen_kappa(table), chance_corrected.ac1(table)], axis=-1)


def _on_average(matrix: RatingMatrix) -> str:
    if len(matrix) < 2:
        return ""
    return reason("ratings_a_session", float(f"{intraclass.mean_raters(matrix.ratings):.3g}"))


def _who(matrix: RatingMatrix, part: RatingMatrix) -> str:
    if len(part) == len(matrix) and part.raters == matrix.raters:
        return ""
    return reason("sessions_of_raters", len(matrix.raters), *map(str, part.raters))


def _share(matrix: RatingMatrix) -> str:
    if len(matrix) == 0:
        return ""
    shares = [np.nanmean(own) for own in matrix.ratings.T]
    return reason("present_shares", rounded(min(shares)), rounded(max(shares)))
