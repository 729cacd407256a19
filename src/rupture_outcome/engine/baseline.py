"""The session baseline of a hazard: bands that each hold enough events, or a natural spline."""

import numpy as np
import pandas as pd


def baseline_bands(time: pd.Series, event: pd.Series, min_events: int) -> pd.Series:
    """Pool adjacent times until each band of the session baseline holds enough events.

    A time without an event would have an infinite coefficient; bands keep the baseline free of
    form without that. Pooling goes from early to late, and a remainder joins the last band.

    Parameters
    ----------
    time : Series of int
        The clock of each row at risk.
    event : Series
        1 where the event follows, else 0; same index as `time`.
    min_events : int
        The least number of events in a band.

    Returns
    -------
    Series of category
        Ordered labels such as "1", "2–3" and, for the last band, "12+".

    Examples
    --------
    >>> bands = baseline_bands(pd.Series([1, 2, 3, 4, 5]), pd.Series([1, 0, 1, 1, 0]), 1)
    >>> bands.tolist()
    ['1', '2–3', '2–3', '4+', '4+']
    """
    clock = time.to_numpy(dtype=np.int64)
    times, position = np.unique(clock, return_inverse=True)
    events = np.bincount(position, event.to_numpy(dtype=float), minlength=len(times))
    band = _pool(events, min_events)
    labels = _band_labels(times, band)
    return pd.Series(
        pd.Categorical.from_codes(band[position], pd.Index(labels), ordered=True),
        index=time.index,
        name="band",
    )


def _pool(events: np.ndarray, min_events: int) -> np.ndarray:
    band = np.zeros(len(events), dtype=np.int64)
    current, collected = 0, 0.0
    for i, count in enumerate(events):
        band[i] = current
        collected += count
        if collected >= min_events:
            current, collected = current + 1, 0.0
    if collected < min_events and current > 0:
        band[band == current] = current - 1
    return band


def _band_labels(times: np.ndarray, band: np.ndarray) -> list[str]:
    first = [int(times[band == b].min()) for b in np.unique(band)]
    last = [int(times[band == b].max()) for b in np.unique(band)]
    closed = [str(a) if a == b else f"{a}–{b}" for a, b in zip(first, last, strict=True)]
    return [*closed[:-1], f"{first[-1]}+"]


def spline_knots(time: pd.Series, event: pd.Series, df: int = 3) -> tuple[float, ...]:
    """Knots of a natural spline of the session baseline: quantiles of the times of events.

    Parameters
    ----------
    time, event : Series
        As for `baseline_bands`.
    df : int
        Columns of the spline; it has `df` + 1 knots, the first and last time of an event and
        quantiles equally far apart between them.

    Returns
    -------
    tuple of float
        Ascending; fewer where quantiles coincide, and none where all events have one time.

    Examples
    --------
    >>> spline_knots(pd.Series([1, 2, 3, 4]), pd.Series([1, 1, 1, 1]))
    (1.0, 2.0, 3.0, 4.0)
    """
    times = time.to_numpy(dtype=float)[event.to_numpy(dtype=bool)]
    if len(times) == 0:
        return ()
    knots = np.unique(np.quantile(times, np.linspace(0.0, 1.0, df + 1)))
    return tuple(knots.tolist()) if len(knots) > 1 else ()


def natural_spline(time: np.ndarray, knots: tuple[float, ...]) -> np.ndarray:
    """Basis of a natural cubic spline: cubic between the knots, straight beyond them.

    With d_j(t) = [(t − k_j)³₊ − (t − k_K)³₊] / (k_K − k_j) the columns are t and
    d_j(t) − d_{K−1}(t), j = 1 … K − 2, each divided to be of the order of 1 (Hastie, Tibshirani &
    Friedman, The Elements of Statistical Learning, eq. 5.4, recalled). In R: `splines::ns` spans
    the same curves.

    Parameters
    ----------
    time : array, shape (rows,)
        Where to evaluate.
    knots : tuple of float
        K ascending knots, at least two.

    Returns
    -------
    array, shape (rows, K − 1)

    Examples
    --------
    >>> natural_spline(np.array([0.0, 2.0]), (0.0, 2.0)).tolist()
    [[0.0], [1.0]]
    """
    t = np.asarray(time, dtype=float)
    span = knots[-1] - knots[0]
    last = np.maximum(t - knots[-1], 0.0) ** 3

    def bend(knot: float) -> np.ndarray:
        return (np.maximum(t - knot, 0.0) ** 3 - last) / (knots[-1] - knot)

    straight = bend(knots[-2])
    curved = [(bend(knot) - straight) / span**2 for knot in knots[:-2]]
    return np.column_stack([(t - knots[0]) / span, *curved])
