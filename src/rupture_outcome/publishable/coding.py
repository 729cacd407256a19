"""Small-cell suppression of what definitions find: agreement, sets, accuracy, sweeps."""

import numpy as np
import pandas as pd

from rupture_outcome.publishable.shares import (
    INTERVAL,
    Published,
    any_small,
    coarse,
    marked,
    nearest,
    rounded,
    row_by_row,
    to_hundredths,
    too_few,
    without,
    without_counts,
)
from rupture_outcome.publishable.suppress import (
    HIDDEN,
    WITHHELD,
    is_small,
    is_withheld,
    mark_of,
    published_counts,
    suppress,
)

OTHER = "other sets"
CELLS = ["both", "only_a", "only_b", "neither"]


def publishable_definition_agreement(
    frame: pd.DataFrame,
    threshold: int,
    prevalence: pd.DataFrame | None = None,
    published: Published | None = None,
) -> pd.DataFrame:
    """Agreement of definitions; n, prevalences and kappa together determine all four cells.

    Where a cell is small, cells and AC1 are withheld and the rest is rounded. A pair's sessions and
    detections, taken from what is published of one definition alone, must not leave few either:
    these are the sessions that the other one cannot test.

    Parameters
    ----------
    frame : DataFrame
        ``definition_agreement`` of the results contract.
    threshold : int
        Largest count that must not be shown.
    prevalence : DataFrame, optional
        `publishable_prevalence`.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    known = {column: list(counts) for column, counts in (published or {}).items()}
    outside = []
    if prevalence is not None:
        outside = _outside(frame, prevalence.set_index("definition"))
        known["n"] = published_counts(prevalence, "sessions_testable")
        known["patients"] = [
            *known.get("patients", []),
            *published_counts(prevalence, "patients_testable"),
        ]
    out = suppress(frame, ["n", "patients"], threshold, published=known)
    counts = pd.concat([frame[CELLS], *outside], axis=1)
    few = any_small(counts, threshold)
    none = any_small(frame[["n", "patients"]], threshold)
    near = is_withheld(out, "n")
    out = without_counts(out, frame, CELLS, few | none, threshold)
    out = without_counts(out, frame, ["neither"], near & ~few & ~none, threshold)
    out = rounded(out, ["kappa", *INTERVAL], few, frame["n"], threshold)
    prevalences = ["prevalence_a", "prevalence_b"]
    out = rounded(out, prevalences, few | near, frame["n"], threshold, decimals=[2])
    out = to_hundredths(out, ["kappa", *INTERVAL, "ac1"], near & ~few)
    out = without(out, ["ac1"], few)
    return too_few(out, ["kappa", *INTERVAL, *prevalences, "ac1"], none)


def publishable_detected_by(
    frame: pd.DataFrame, threshold: int, prevalence: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Count sets of definitions with few sessions or patients together.

    Sets partition the sessions, so the joined ones must be more than the threshold; the next
    larger set joins them if they are not.

    Parameters
    ----------
    frame : DataFrame
        ``detected_by``.
    threshold : int
        Largest count that must not be shown.
    prevalence : DataFrame, optional
        `publishable_prevalence`: if sessions or detections of a definition there, less those here,
        leave few, then counts are withheld and shares are rounded.
    """
    ids = [column for column in frame.columns[6:] if column != WITHHELD]
    hidden = _joined_sets(frame, threshold)
    shown = frame.loc[~hidden].astype({"definitions": "Int64", "patients": "Int64"})
    out = shown.assign(**{WITHHELD: ""})
    if hidden.any():
        out = pd.concat([out, _other(frame.loc[hidden], out.columns)], ignore_index=True)
    out = out.astype(dict.fromkeys(["definitions", "sessions", "patients", "n", *ids], "Int64"))
    if _leaves_few(frame, ids, prevalence, threshold):
        everywhere = pd.Series(True, index=out.index)
        rounded = coarse(out["share"], out["n"], threshold)
        out = without_counts(out, out, ["sessions", "patients", "n"], everywhere, threshold)
        out["share"] = rounded
    return out


def publishable_onset_agreement(
    frame: pd.DataFrame, threshold: int, published: Published | None = None
) -> pd.DataFrame:
    """Onsets that two definitions share, with small numbers of matches and of the rest withheld.

    The onsets of one definition differ between rows by what the other one could not test, so they
    are kept at a distance within a definition.

    Parameters
    ----------
    frame : DataFrame
        ``onset_agreement``.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    out = suppress(frame, ["patients"], threshold, published=published)
    for column, marks in _onset_marks(frame, threshold).items():
        out = marked(out, column, marks)
    unmatched = frame[["onsets_a", "onsets_b"]].sub(frame["matched"], axis=0)
    few = any_small(pd.concat([frame["matched"], unmatched], axis=1), threshold)
    near = is_withheld(out, "onsets_a") | is_withheld(out, "onsets_b")
    out = without_counts(out, frame, ["matched"], few, threshold)
    for share, whole in (("sensitivity", frame["onsets_b"]), ("precision", frame["onsets_a"])):
        out = rounded(out, [share], few | near, whole, threshold)
    whole = frame["onsets_a"] + frame["onsets_b"]
    out = rounded(out, ["positive_agreement"], few | near, whole, threshold)
    return without(out, ["lag_mean"], any_small(frame[["matched", "patients"]], threshold))


def publishable_accuracy(frame: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Accuracy with small counts withheld; rates stay, as the persons are simulated.

    Parameters
    ----------
    frame : DataFrame
        ``definition_accuracy``.
    threshold : int
        Largest count that must not be shown.
    """
    counts = ["n", "onsets", "found", "negatives", "detections"]
    return row_by_row(frame, counts, threshold, {"found": "onsets"}, None)


def publishable_sweep(
    frame: pd.DataFrame,
    threshold: int,
    prevalence: pd.DataFrame | None = None,
    *,
    full: bool = False,
) -> pd.DataFrame:
    """Thin out a sweep over a threshold, so that few sessions lie between two values.

    Detections at a stricter value are among those at a looser one, so that two values give the
    number between them. A count too close to one shown is withheld, and the rate is that of the
    neighbour.

    Parameters
    ----------
    frame : DataFrame
        ``threshold_sweep``.
    threshold : int
        Largest count that must not be shown.
    prevalence : DataFrame, optional
        `publishable_prevalence`, whose counts are public.
    full : bool
        Show every step where more than `threshold` sessions are testable. The sessions between two
        values can then be derived: for simulated data, or where the owner of the data allows it.
    """
    counts = ["sessions_testable", "sessions_detected"]
    wholes = {"sessions_detected": "sessions_testable"}
    if full:
        out = row_by_row(frame, counts, threshold, wholes, None)
        few = any_small(frame[["sessions_testable"]], threshold)
        return without(out, ["rate", "sensitivity", "specificity"], few)
    parts = []
    for name, rows in frame.groupby("definition", sort=False, observed=True):
        parts.append(suppress(rows, counts, threshold, wholes, _of(prevalence, name, counts)))
    out = pd.concat(parts).loc[frame.index] if parts else frame.assign(**{WITHHELD: ""})
    near = is_withheld(out, "sessions_detected") | is_withheld(out, "sessions_testable")
    known = [nearest(out, column) for column in ("sessions_detected", "sessions_testable")]
    out["rate"] = frame["rate"].astype(float).mask(near, known[0] / known[1].replace(0, np.nan))
    return rounded(out, ["sensitivity", "specificity"], near, frame["sessions_detected"], threshold)


def _outside(frame: pd.DataFrame, prevalence: pd.DataFrame) -> list[pd.Series]:
    """Count the sessions that one definition can test and the other cannot."""
    found = []
    for side in ("a", "b"):
        one = prevalence.reindex(frame[f"definition_{side}"].astype(str)).reset_index(drop=True)
        testable = one["sessions_testable"].astype(float).set_axis(frame.index)
        detected = one["sessions_detected"].astype(float).set_axis(frame.index)
        here = frame["both"] + frame[f"only_{side}"]
        gone = [testable - frame["n"], detected - here]
        found += [*gone, gone[0] - gone[1]]
    return [counts.rename(str(i)) for i, counts in enumerate(found)]


def _joined_sets(frame: pd.DataFrame, threshold: int) -> pd.Series:
    """Choose the sets to count together: those with few, and larger ones until all are many."""
    hidden = any_small(frame[["sessions", "patients"]], threshold)
    rest = frame.loc[~hidden, "sessions"].sort_values(kind="stable").index.tolist()
    while rest and is_small(frame.loc[hidden, "sessions"].sum(), threshold):
        hidden[rest.pop(0)] = True
    return hidden


def _other(joined: pd.DataFrame, columns: pd.Index) -> pd.DataFrame:
    sums = {
        "detected_by": OTHER,
        "sessions": joined["sessions"].sum(),
        "share": joined["share"].sum(),
        "n": joined["n"].iloc[0],
        WITHHELD: f"definitions {HIDDEN}; patients {HIDDEN}",
    }
    return pd.DataFrame([sums]).reindex(columns=columns)


def _leaves_few(
    frame: pd.DataFrame, ids: list[str], prevalence: pd.DataFrame | None, threshold: int
) -> bool:
    if frame.empty or prevalence is None:
        return not frame.empty and is_small(int(frame["n"].iloc[0]), threshold)
    n = int(frame["n"].iloc[0])
    columns = ["sessions_testable", "sessions_detected"]
    public = prevalence.set_index("definition")[columns].astype(float)
    gone = [np.array([n])]
    for name in [one for one in ids if one in public.index]:
        here = np.array([n, int(frame.loc[frame[name] == 1, "sessions"].sum())])
        left = public.loc[name].to_numpy(np.float64) - here
        gone += [left, left[:1] - left[1:]]
    return any(is_small(float(left), threshold) for left in np.concatenate(gone))


def _onset_marks(frame: pd.DataFrame, threshold: int) -> dict[str, pd.Series]:
    """Mark onsets_a and onsets_b, compared within a definition wherever it stands."""
    sides = ["a", "b"]
    definition = pd.concat([frame[f"definition_{side}"].astype("str") for side in sides])
    long = pd.DataFrame(
        {
            "definition": definition.to_numpy(),
            "onsets": pd.concat([frame[f"onsets_{side}"] for side in sides]).to_numpy(),
        }
    )
    by_definition = long.groupby("definition", sort=False)
    marked = [suppress(rows, ["onsets"], threshold)[WITHHELD] for _, rows in by_definition]
    notes = pd.concat(marked).sort_index().to_numpy() if marked else np.empty(0, dtype=str)
    marks = [mark_of(note, "onsets") if note else "" for note in notes]
    n = len(frame)
    return {
        "onsets_a": pd.Series(marks[:n], frame.index, dtype="str"),
        "onsets_b": pd.Series(marks[n:], frame.index, dtype="str"),
    }


def _of(prevalence: pd.DataFrame | None, name: object, counts: list[str]) -> dict[str, list[int]]:
    if prevalence is None:
        return {}
    own = prevalence[prevalence["definition"].astype(str) == str(name)]
    return {column: [int(n) for n in own[column].dropna()] for column in counts}
