"""Therapists published so that none is recognised and none of their few patients is counted."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from rupture_outcome.publishable.suppress import HIDDEN, WITHHELD, is_small, redacted, suppress

PUBLISHED = [
    *("outcome", "rank", "estimate", "ci_low", "ci_high", "chance", "chance_low", "chance_high"),
    "note",
]
COUNTS = ("therapists", "patients", "sessions", "events")
NOT_ONE_BY_ONE = "therapists are not shown one by one: too few have enough patients and events"
ESTIMATES = [f"{name}{end}" for name in ("share", "mor", "chance") for end in ("", "_low", "_high")]
ESTIMATES += ["group_sd", "estimate", "ci_low", "ci_high", "p"]


def publishable_therapists(
    effects: pd.DataFrame, threshold: int, *, full: bool = False
) -> pd.DataFrame:
    """Effects of single therapists without a name, of those with more than `threshold` patients.

    A shrunken effect and its interval give the number of the therapist's events away: with the SD
    σ between therapists, events ≈ effect/σ² + 1/se² − 1/σ². So a therapist with 1 to `threshold`
    events, or sessions without one, is left out as well, unless `full`. Ranks are those among
    the therapists shown, in each outcome anew, so that nobody can be followed from one outcome to
    another. Numbers of therapists shown differ between outcomes by nothing or by more than
    `threshold`; with `threshold` or fewer, none is shown.

    Parameters
    ----------
    effects : DataFrame
        From `rupture_outcome.estimates.therapists.therapist_effects.therapist_effects`.
    threshold : int
        Largest count that must not be shown.
    full : bool
        For simulated data, or where the owner of the data allows it: events can be derived.

    Returns
    -------
    DataFrame
        The columns of ``therapist_effects.csv``; one row without an estimate, and with the
        reason, for an outcome that shows nobody.
    """
    named = effects[effects["therapist_id"].notna()]
    allowed = named[~_too_few(named, threshold, full)]
    counts = allowed.groupby("outcome", sort=False).size()
    kept = _at_a_distance({str(o): int(n) for o, n in counts.items()}, threshold)
    parts = []
    for outcome, rows in effects.groupby("outcome", sort=False):
        shown = _largest(allowed[allowed["outcome"].eq(outcome)], kept.get(str(outcome), 0))
        parts.append(shown if len(shown) else _nobody(rows))
    out = pd.concat(parts, ignore_index=True) if parts else effects
    return out[PUBLISHED].assign(note=out["note"].map(lambda note: redacted(note, threshold)))


def publishable_therapist_table(
    frame: pd.DataFrame,
    threshold: int,
    published: Mapping[str, Iterable[int]] | None = None,
) -> pd.DataFrame:
    """Variances or relation of therapists, with small counts and what rests on few withheld.

    Parameters
    ----------
    frame : DataFrame
        ``therapist_variances`` or ``therapist_relation`` of the models.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column, such as the number of therapists shown one by one.
    """
    counts = [name for name in COUNTS if name in frame]
    parts = {"events": "sessions"} if "sessions" in frame else None
    out = suppress(frame, counts, threshold, parts, published)
    of = frame[[name for name in counts if name != "therapists"]]
    few = of.map(lambda n: is_small(n, threshold)).any(axis=1)
    outcome = frame["outcome" if "outcome" in frame else "second"]
    once = outcome.astype(str).str.startswith("dropout")
    few |= once & (frame["patients"] - frame["events"]).map(lambda n: is_small(n, threshold))
    estimates = [name for name in ESTIMATES if name in frame]
    out[estimates] = frame[estimates].astype(float).mask(few)
    # the rest of a withheld whole would give it back
    out["events"] = out["events"].mask(few)
    out["note"] = frame["note"].map(lambda note: redacted(note, threshold))
    out[WITHHELD] = [
        "; ".join(filter(None, [note, f"estimate {HIDDEN}" if hide else ""]))
        for note, hide in zip(out[WITHHELD], few, strict=True)
    ]
    return out


def shown_therapists(published: pd.DataFrame) -> list[int]:
    """Count the therapists that the published effects show, by outcome."""
    return [int(n) for n in published.groupby("outcome")["rank"].count() if n]


def _too_few(rows: pd.DataFrame, threshold: int, full: bool) -> np.ndarray:
    few = rows["patients"].le(threshold) & (threshold > 0)
    if not full:
        for count in (rows["events"], rows["sessions"] - rows["events"]):
            few |= count.map(lambda n: is_small(n, threshold))
    return few.to_numpy(dtype=bool)


def _at_a_distance(counts: Mapping[str, int], threshold: int) -> dict[str, int]:
    """Lower counts until they differ by 0 or more than the threshold.

    Examples
    --------
    >>> _at_a_distance({"rupture": 24, "repair": 12, "dropout": 26, "other": 3}, 10)
    {'other': 0, 'repair': 12, 'rupture': 24, 'dropout': 24}
    """
    out: dict[str, int] = {}
    last = 0
    for outcome, count in sorted(counts.items(), key=lambda item: item[1]):
        last = last if is_small(count - last, threshold) else count
        out[outcome] = last
    return out


def _largest(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Keep the therapists with most patients, in order of their effects."""
    kept = rows.sort_values("patients", ascending=False, kind="stable").head(count)
    kept = kept.sort_values("estimate", kind="stable")
    return kept.assign(rank=np.arange(1, len(kept) + 1))


def _nobody(rows: pd.DataFrame) -> pd.DataFrame:
    row = rows.iloc[[0]].copy()
    row[PUBLISHED[1:-1]] = np.nan
    note = str(row["note"].iloc[0])
    return row.assign(note=note if pd.isna(rows["therapist_id"].iloc[0]) else NOT_ONE_BY_ONE)
