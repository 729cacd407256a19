"""Where along a series of suppositions an interval begins, or ceases, to include 1."""

import numpy as np
import pandas as pd

from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import reason
from rupture_outcome.estimates.effect_rows import label
from rupture_outcome.estimates.sensitivity.rows import Basis, sensitivity_row

NOT_KNOWN = reason("tipping_not_known")


def tipping_point(shares: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[float, str]:
    """First share at which the verdict of the interval on log ratio 0 changes, and what it becomes.

    Between two shares the limit is taken to move in a straight line.

    Parameters
    ----------
    shares, low, high : array, shape (shares,)
        Ascending shares with the limits of the log ratio.

    Examples
    --------
    >>> tipping_point(np.array([0.0, 1.0]), np.array([-3.0, -1.0]), np.array([-1.0, 1.0]))
    (0.5, 'tips:includes')
    """
    if not (np.isfinite(low) & np.isfinite(high)).all():
        return np.nan, NOT_KNOWN
    includes = (low <= 0) & (high >= 0)
    changes = np.flatnonzero(includes[1:] != includes[:-1])
    if not len(changes):
        verdict = "includes" if includes[0] else "excludes"
        return np.nan, reason("never_tips", verdict)
    first = int(changes[0])
    found = [_crossing(shares, limit, first) for limit in (low, high)]
    verdict = "includes" if includes[first + 1] else "excludes"
    crossing = min(x for x in found if np.isfinite(x))
    return crossing, reason("tips", verdict)


def _crossing(shares: np.ndarray, limit: np.ndarray, at: int) -> float:
    start, end = limit[at], limit[at + 1]
    if start * end > 0 or start == end:
        return np.nan
    return float(shares[at] + (shares[at + 1] - shares[at]) * start / (start - end))


def tipping_rows(series: pd.DataFrame, name: str) -> list[dict]:
    """Tipping point of each contrast of a series, as rows of the table."""
    rows = []
    for (first_state, second_state), part in series.groupby(["state_a", "state_b"], sort=False):
        pair = (str(first_state), str(second_state))
        part = part.sort_values("value")
        limits = (part[key].to_numpy(float) for key in ("ci_low", "ci_high"))
        share, note = tipping_point(part["value"].to_numpy(float), *limits)
        first = part.iloc[0]
        basis = Basis(
            patients=int(first["patients"]),
            sessions=int(first["sessions"]),
            events=int(first["events"]),
            least={label(pair): float(part["least_cell"].min())},
        )
        row = sensitivity_row(
            str(first["analysis"]),
            f"tipping_{name}",
            pair,
            Estimate(reason=note),
            basis,
            confidence=0.5,
            value=share,
        )
        rows.append(row | {"converged": note != NOT_KNOWN})
    return rows
