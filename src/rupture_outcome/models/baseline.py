"""The session baseline of a hazard, as bands that each hold enough events."""

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
