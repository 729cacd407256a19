"""Small-cell suppression of what definitions of dropout find, alone and together."""

import pandas as pd

from rupture_outcome.publishable.coding import (
    publishable_definition_agreement,
    publishable_detected_by,
)
from rupture_outcome.publishable.shares import (
    INTERVAL,
    Published,
    any_small,
    marked,
    rounded,
    row_by_row,
    without,
)
from rupture_outcome.publishable.suppress import HIDDEN, WITHHELD, is_small, is_withheld

PATIENTS = {"sessions_testable": "patients", "sessions_detected": "events"}


def publishable_dropout_rates(
    frame: pd.DataFrame,
    threshold: int,
    pairs: pd.DataFrame,
    published: Published | None = None,
) -> pd.DataFrame:
    """Rates of dropout by definition; a rate whose counts are withheld is rounded.

    Definitions are compared where one holds all that another finds or can classify: only then is a
    difference of their counts a number of persons.

    Parameters
    ----------
    frame : DataFrame
        `rupture_outcome.estimates.dropout.dropout_overlap.DropoutOverlap.rates`.
    pairs : DataFrame
        `DropoutOverlap.pairs`.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    known = dict(published or {})
    known.setdefault("ended", known.get("patients", ()))
    wholes = {"patients": "ended", "events": "patients"}
    out = row_by_row(frame, ["ended", "patients", "events"], threshold, wholes, known)
    for column, marks in _nested(frame, out, pairs, threshold).items():
        out = marked(out, column, marks)
    near = is_withheld(out, "patients") | is_withheld(out, "events")
    few = any_small(frame[["patients", "events"]], threshold)
    out = rounded(out, ["rate"], near & ~few, frame["patients"], threshold, decimals=[2])
    out = without(out, ["rate"], few)
    out = without(out, INTERVAL, near)
    small = any_small(frame[["therapists"]], threshold)
    out["therapists"] = frame["therapists"].astype("Int64").mask(small)
    return out


def publishable_dropout_pairs(
    frame: pd.DataFrame,
    threshold: int,
    rates: pd.DataFrame,
    published: Published | None = None,
) -> pd.DataFrame:
    """Agreement of definitions of dropout: no cell of the two-by-two table is small or derivable.

    Parameters
    ----------
    frame : DataFrame
        `DropoutOverlap.pairs`.
    threshold : int
        Largest count that must not be shown.
    rates : DataFrame
        `publishable_dropout_rates`, whose counts are public.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    if frame.empty:
        return frame.drop(columns="patients").assign(**{WITHHELD: ""})
    out = publishable_definition_agreement(frame, threshold, _as_prevalence(rates), published)
    items = [note.split("; ") for note in out[WITHHELD]]
    notes = ["; ".join(i for i in own if not i.startswith("patients ")) for own in items]
    return out.drop(columns="patients").assign(**{WITHHELD: notes})


def publishable_dropout_patterns(
    frame: pd.DataFrame, threshold: int, rates: pd.DataFrame
) -> pd.DataFrame:
    """Exact sets of definitions that call the same patients dropouts, small sets joined.

    Parameters
    ----------
    frame : DataFrame
        `DropoutOverlap.patterns`.
    threshold : int
        Largest count that must not be shown.
    rates : DataFrame
        `publishable_dropout_rates`, whose counts are public.

    Returns
    -------
    DataFrame
        ``detected_by``, ``definitions``, ``patients``, ``share``, ``n``, one column a definition,
        ``withheld``.
    """
    out = publishable_detected_by(frame, threshold, _as_prevalence(rates))
    # Every patient counts once: the number of "sessions" is the number of patients.
    counts = out["sessions"]
    notes = out[WITHHELD].astype(str).str.replace("sessions", "patients", regex=False)
    known = notes.str.replace(f"; patients {HIDDEN}", "", regex=False).where(counts.notna(), notes)
    return out.drop(columns="sessions").assign(patients=counts, **{WITHHELD: known})


def _as_prevalence(rates: pd.DataFrame) -> pd.DataFrame:
    names = {own: rates[column] for own, column in PATIENTS.items()}
    return pd.DataFrame(
        {
            "definition": rates["dropout_definition"],
            **names,
            "patients_testable": rates["patients"],
        }
    )


def _nested(
    rates: pd.DataFrame, shown: pd.DataFrame, pairs: pd.DataFrame, threshold: int
) -> dict[str, pd.Series]:
    """Mark shown counts that differ by few from a shown one of an earlier definition around them.

    Where one definition finds nobody whom the other does not, the difference of their dropouts is
    a cell; so is that of the patients, where one can classify nobody whom the other cannot.
    """
    public = shown.set_index("dropout_definition")
    of = rates.set_index("dropout_definition")
    marks = {column: pd.Series("", of.index, dtype="str") for column in ("patients", "events")}
    for pair in pairs.to_dict("records"):
        a, b = pair["definition_a"], pair["definition_b"]
        gone = [of.loc[d, "patients"] - pair["n"] for d in (a, b)]
        only = [pair["only_a"], pair["only_b"]]
        for column, (few_a, few_b) in (("patients", gone), ("events", only)):
            both_shown = not any(pd.isna(public[column][d]) or marks[column][d] for d in (a, b))
            if both_shown and min(few_a, few_b) == 0 and is_small(few_a + few_b, threshold):
                marks[column][b] = f"≈{int(of.loc[a, column])}"
    return {column: own.set_axis(rates.index) for column, own in marks.items()}
