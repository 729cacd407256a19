"""Small-cell suppression: no count of 1 to `threshold` is shown, and none can be derived.

Every function takes a frame and the threshold and returns a frame of the same columns and one
more, ``withheld``, that says per row what is missing and why: ``"patients ≤10; events ≈600"``.
``≤10`` stands for a small count, ``≈600`` for one within the threshold of 600 (a published
neighbour, total or complement would otherwise give a small difference), ``–`` for one withheld
without a hint. A threshold of 0 publishes everything.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

WITHHELD = "withheld"
HIDDEN = "–"
ESTIMATES = ["estimate", "se", "ci_low", "ci_high", "ratio"]
COUNTED = re.compile(
    r"\b(\d+)((?:-| )(?:patient|person|session|event|dropout|ending|therapist|row|case)\w*)"
)


def is_small(count: float, threshold: int) -> bool:
    """Whether a count lies in 1..threshold (zero may be shown; a missing count is not small)."""
    return bool(pd.notna(count) and 1 <= count <= threshold)


def shown_count(count: float, threshold: int) -> str:
    """Text of one count that stands alone.

    Examples
    --------
    >>> shown_count(7, 10), shown_count(0, 10), shown_count(1234, 10)
    ('≤10', '0', '1,234')
    """
    if pd.isna(count):
        return HIDDEN
    return f"≤{threshold}" if is_small(count, threshold) else f"{int(count):,}"


def suppress(
    frame: pd.DataFrame,
    counts: Sequence[str],
    threshold: int,
    parts: Mapping[str, str] | None = None,
    published: Mapping[str, Iterable[int]] | None = None,
) -> pd.DataFrame:
    """Withhold the counts that are small or that give a small one by subtraction.

    A count is withheld if it lies in 1..threshold, if the rest of its whole does, or if it
    differs by 1..threshold from a count of the same column that is shown in an earlier row or
    published elsewhere: rows may be nested (a strict and a lenient definition, a sample and its
    subsample), and then that difference is a count of persons.

    Parameters
    ----------
    frame : DataFrame
        One row a published line.
    counts : sequence of str
        Columns of counts; a whole comes before its part.
    threshold : int
        Largest count that must not be shown.
    parts : mapping of str to str, optional
        Part and whole, such as ``{"events": "patients"}``.
    published : mapping of str to iterable of int, optional
        Counts of the same kind that are already public, by column.

    Returns
    -------
    DataFrame
        The frame with withheld counts missing (Int64) and the column ``withheld``.

    Examples
    --------
    >>> raw = pd.DataFrame({"patients": [600, 595, 7], "events": [120, 590, 2]})
    >>> shown = suppress(raw, ["patients", "events"], 10, parts={"events": "patients"})
    >>> [count_texts(shown, column) for column in raw]
    [['600', '≈600', '≤10'], ['120', '–', '≤10']]
    """
    marks = pd.DataFrame("", index=frame.index, columns=list(counts))
    for column in counts:
        known = list((published or {}).get(column, ()))
        whole = (parts or {}).get(column)
        wholes = [None] * len(frame) if whole is None else frame[whole].tolist()
        rest = [""] * len(frame)
        if whole is not None:
            rest = _marks_of_rest(frame[column], frame[whole], marks[whole], threshold)
        marks[column] = _marks(frame[column], wholes, rest, known, threshold)
    out = frame.copy()
    for column in counts:
        out[column] = frame[column].astype("Int64").mask(marks[column] != "")
    out[WITHHELD] = [note_of(dict(zip(counts, row, strict=True))) for row in marks.to_numpy()]
    return out


def count_texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Text of every count in a published column: the number, or the mark in its place.

    Examples
    --------
    >>> raw = pd.DataFrame({"patients": [1600, 7]})
    >>> count_texts(suppress(raw, ["patients"], 10), "patients")
    ['1,600', '≤10']
    """
    notes = frame[WITHHELD] if WITHHELD in frame else pd.Series("", index=frame.index)
    return [
        f"{int(n):,}" if pd.notna(n) else mark_of(note, column)
        for n, note in zip(frame[column], notes, strict=True)
    ]


def mark_of(note: object, column: str) -> str:
    """Mark that stands for a column in a ``withheld`` note.

    Examples
    --------
    >>> mark_of("patients ≤10; events ≈600", "events")
    '≈600'
    """
    items = (item.rpartition(" ")[::2] for item in str(note).split("; "))
    return dict(items).get(column, HIDDEN)


def is_withheld(frame: pd.DataFrame, column: str) -> pd.Series:
    """Rows in which a published column is missing because it was withheld."""
    if WITHHELD not in frame:
        return pd.Series(False, index=frame.index)
    notes = frame[WITHHELD].astype(object).fillna("").astype(str)  # all empty in a CSV: floats
    return notes.str.contains(rf"(?:^|; ){column} ")


def publishable_effects(
    frame: pd.DataFrame,
    threshold: int,
    few_by_state: Collection[tuple[str, str, int]] | None = None,
    published: Mapping[str, Iterable[int]] | None = None,
) -> pd.DataFrame:
    """Effects with small counts withheld; where patients, events or non-events are few, all of it.

    A ratio with its standard error, n and events determines the cells of a two-by-two table, so
    an estimate that rests on 1 to `threshold` patients or events is withheld with its counts.

    Parameters
    ----------
    frame : DataFrame
        ``dropout_effects`` of the results contract.
    threshold : int
        Largest count that must not be shown.
    few_by_state : collection of (definition, repair rule, landmark), optional
        From `publishable.curves.landmarks_with_few`: the events of these landmark rows are
        withheld, because the curve of one state would give those of the other. If it is not
        given, the events of all landmark rows are.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    counts = ["patients", "sessions", "events"]
    by_state = [_gives_state_away(row, few_by_state) for row in frame.to_dict("records")]
    # a count that is withheld must not serve as a neighbour that others are compared with
    public = frame.assign(events=frame["events"].astype("Int64").mask(np.array(by_state, bool)))
    out = suppress(public, counts, threshold, {"events": "patients"}, published)
    few = np.array([_rests_on_few(row, threshold) for row in frame.to_dict("records")], dtype=bool)
    estimates = [column for column in ESTIMATES if column in frame]
    out[estimates] = frame[estimates].astype(float)
    out.loc[few, estimates] = np.nan
    out = _also_withheld(out, np.array(by_state, dtype=bool), "events")
    out = _also_withheld(out, few, "estimate")
    if "note" in frame:
        out["note"] = frame["note"].map(lambda note: redacted(note, threshold))
    return out


def redacted(text: object, threshold: int) -> object:
    """Text in which a small count of persons, sessions or events is withheld.

    Examples
    --------
    >>> redacted("no dropout among 3 person-sessions", 10)
    'no dropout among ≤10 person-sessions'
    """
    if not isinstance(text, str):
        return text
    return COUNTED.sub(lambda m: f"{shown_count(int(m[1]), threshold)}{m[2]}", text)


def published_counts(frame: pd.DataFrame, column: str) -> list[int]:
    """List the counts that a column shows: what later tables must not come close to."""
    return [int(n) for n in frame[column].dropna().unique()]


def hide_categories(counts: Sequence[int], threshold: int) -> list[bool]:
    """Which categories of a variable to withhold when their total is public.

    Small categories are withheld, then the next larger ones until what is withheld cannot be
    told apart: its sum must exceed the number of withheld categories (each has at least one
    member) by the threshold.

    Examples
    --------
    >>> hide_categories([300, 4, 0, 25, 271], 10)
    [False, True, False, True, False]
    """
    hidden = [is_small(n, threshold) for n in counts]
    rest = sorted((i for i, n in enumerate(counts) if n > threshold), key=lambda i: counts[i])
    while any(hidden) and rest and _slack(counts, hidden) < threshold:
        hidden[rest.pop(0)] = True
    return hidden


def _marks(
    counts: pd.Series,
    wholes: Sequence[Any],
    rest: Sequence[str],
    published: list[int],
    threshold: int,
) -> list[str]:
    """Mark of every count: only a count that is shown can be a neighbour of later ones."""
    seen, marks = list(published), []
    for count, whole, mark_of_rest in zip(counts, wholes, rest, strict=True):
        near = [m for m in seen if is_small(abs(count - m), threshold)] if pd.notna(count) else []
        if is_small(count, threshold):
            marks.append(f"≤{threshold}")
        elif mark_of_rest:
            marks.append(mark_of_rest)
        elif near and count:
            marks.append(_near_mark(near[0], whole, threshold))
        else:
            marks.append("")
            seen += [int(count)] if pd.notna(count) else []
    return marks


def _near_mark(neighbour: int, whole: Any, threshold: int) -> str:
    """Return ≈neighbour, unless it would suggest a small rest, or more than the whole."""
    fits = pd.isna(whole) or neighbour == whole or neighbour + threshold < whole
    return f"≈{neighbour}" if fits else HIDDEN


def _marks_of_rest(
    part: pd.Series, whole: pd.Series, whole_marks: pd.Series, threshold: int
) -> list[str]:
    return [
        "" if not is_small(n - p, threshold) else (HIDDEN if mark else f"≈{n}")
        for p, n, mark in zip(part, whole, whole_marks, strict=True)
    ]


def note_of(marks: Mapping[str, str]) -> str:
    """Note of the column ``withheld`` from the marks of one row; an empty mark is left out."""
    return "; ".join(f"{column} {mark}" for column, mark in marks.items() if mark)


def _rests_on_few(row: Mapping, threshold: int) -> bool:
    counts = (row["patients"], row["events"], row["patients"] - row["events"])
    return any(is_small(n, threshold) for n in counts)


def _gives_state_away(row: Mapping, few_by_state: Collection[tuple[str, str, int]] | None) -> bool:
    if row.get("analysis") != "landmark":
        return False
    landmark = re.search(r"\d+", str(row["term"]))
    key = (str(row["definition"]), str(row["repair_rule"]), int(landmark[0]) if landmark else -1)
    return few_by_state is None or key in few_by_state


def _also_withheld(out: pd.DataFrame, rows: np.ndarray, column: str) -> pd.DataFrame:
    notes = [
        f"{note}; {column} {HIDDEN}".removeprefix("; ") if chosen else note
        for note, chosen in zip(out[WITHHELD], rows, strict=True)
    ]
    return out.assign(**{WITHHELD: notes})


def _slack(counts: Sequence[int], hidden: Sequence[bool]) -> int:
    members = [n for n, hide in zip(counts, hidden, strict=True) if hide]
    return sum(members) - len(members)
