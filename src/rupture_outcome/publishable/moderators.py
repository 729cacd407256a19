"""Small-cell suppression of effects by subgroup, whose counts add up to those of everybody."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from rupture_outcome.publishable.shares import ROUNDED, noted, without
from rupture_outcome.publishable.suppress import (
    ESTIMATES,
    HIDDEN,
    WITHHELD,
    hide_categories,
    is_small,
    note_of,
    redacted,
    suppress,
)

COUNTS = ["patients", "sessions", "events"]
CELLS = ["events_first", "events_second"]
ALL = "all"
DECIMALS = 1


def publishable_moderators(
    frame: pd.DataFrame,
    threshold: int,
    sample: pd.DataFrame | None = None,
    published: Mapping[str, Iterable[int]] | None = None,
) -> pd.DataFrame:
    """Effects by subgroup, with what is small, or what would give a small count, withheld.

    Levels partition those at risk, so small ones are withheld together with others, until they
    cannot be told apart; the same holds for the patients of the sample that are not in the
    analysis, and for patients without dropout. An estimate from few patients, or few dropouts in
    the two states compared, is withheld; where one of the two has few, its standard error could
    give them back, and all is rounded to one decimal on the log scale.

    Parameters
    ----------
    frame : DataFrame
        From `rupture_outcome.estimates.moderators.moderator_effects.moderator_effects`.
    threshold : int
        Largest count that must not be shown.
    sample : DataFrame, optional
        Published description of the sample: ``variable``, ``category``, ``n``.
    published : mapping of str to iterable of int, optional
        Counts already public by column.

    Returns
    -------
    DataFrame
        Without the counts of single states, with ``withheld``.
    """
    known = {column: list(counts) for column, counts in (published or {}).items()}
    marks = {
        key: _marks(str(key), levels, threshold, sample, known)
        for key, levels in _levels(frame).groupby("moderator", sort=False)
    }
    each = [
        marks[name].loc[level]
        for name, level in zip(frame["moderator"], frame["level"], strict=True)
    ]
    out = frame.copy()
    for column in COUNTS:
        hidden = np.array([row[column] != "" for row in each], dtype=bool)
        out[column] = frame[column].astype("Int64").mask(hidden)
    out[WITHHELD] = [note_of({column: row[column] for column in COUNTS}) for row in each]
    out = _estimates(out, frame, threshold)
    out["note"] = frame["note"].map(lambda note: redacted(note, threshold))
    return out.drop(columns=CELLS)


def _levels(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop_duplicates(["moderator", "level"])[["moderator", "level", *COUNTS]]


def _marks(
    name: str,
    levels: pd.DataFrame,
    threshold: int,
    sample: pd.DataFrame | None,
    published: Mapping[str, list[int]],
) -> pd.DataFrame:
    """Mark of each count (empty if it is shown), by level."""
    if levels["level"].tolist() == [ALL]:
        out = suppress(levels, COUNTS, threshold, {"events": "patients"}, published)
        notes = str(out[WITHHELD].iloc[0])
        own = dict(item.rpartition(" ")[::2] for item in notes.split("; ") if item)
        return pd.DataFrame([{column: own.get(column, "") for column in COUNTS}], index=[ALL])
    of_sample = _sample_counts(name, levels["level"], sample)
    marks = {}
    for column in COUNTS:
        counts = levels[column].astype(int).tolist()
        hidden = hide_categories(counts, threshold)
        near = [""] * len(counts)
        if column == "patients" and of_sample is not None:
            gone = [n - m if pd.notna(n) else 0 for n, m in zip(of_sample, counts, strict=True)]
            apart = hide_categories([int(n) for n in gone], threshold)
            near = [
                f"≈{int(n)}" if pd.notna(n) and is_small(n - m, threshold) else ""
                for n, m in zip(of_sample, counts, strict=True)
            ]
            unknown = of_sample.isna().tolist()
            hidden = [any(each) for each in zip(hidden, apart, unknown, strict=True)]
        if column == "events":
            stayed = [p - e for p, e in zip(levels["patients"], counts, strict=True)]
            hidden = _either(hidden, hide_categories([max(int(n), 0) for n in stayed], threshold))
        marks[column] = [
            _mark(n, hide, close, threshold)
            for n, hide, close in zip(counts, hidden, near, strict=True)
        ]
    return pd.DataFrame(marks, index=levels["level"].to_numpy())


def _mark(count: int, hidden: bool, near: str, threshold: int) -> str:
    if not hidden or count == 0:
        return ""
    return f"≤{threshold}" if is_small(count, threshold) else near or HIDDEN


def _either(one: Sequence[bool], other: Sequence[bool]) -> list[bool]:
    return [a or b for a, b in zip(one, other, strict=True)]


def _sample_counts(name: str, levels: pd.Series, sample: pd.DataFrame | None) -> pd.Series | None:
    """Patients of each level in the description of the sample; None where it is not described."""
    if sample is None or name not in set(sample["variable"]):
        return None
    own = sample[sample["variable"].eq(name)]
    return own.set_index(own["category"].astype(str))["n"].reindex(levels.astype(str))


def _estimates(out: pd.DataFrame, frame: pd.DataFrame, threshold: int) -> pd.DataFrame:
    known = frame["estimate"].notna()
    both = frame[CELLS].sum(axis=1)
    rests_on = pd.concat(
        [frame["patients"], frame["events"], frame["patients"] - frame["events"], both], axis=1
    )
    few = known & ((rests_on >= 1) & (rests_on <= threshold)).any(axis=1)
    # in all patients the two states are those of the main analysis, which is published as it is
    thin = frame[CELLS].le(threshold).any(axis=1) & frame["moderator"].ne(ALL) & known & ~few
    near = frame["estimate"].round(DECIMALS)
    for column in ESTIMATES:
        exact = frame[column].astype(float)
        coarse = np.exp(near) if column == "ratio" else exact.round(DECIMALS)
        out[column] = exact.mask(thin, coarse)
    out = noted(out, "estimate", thin, pd.Series(ROUNDED, index=out.index))
    return without(out, ["estimate"], few).pipe(_emptied, few)


def _emptied(out: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    for column in ESTIMATES:
        out[column] = out[column].mask(rows)
    return out
