"""Table of this study's results beside published ones."""

import pandas as pd

from rupture_outcome.estimates.literature import LITERATURE, STUDY
from rupture_outcome.look.formats import number
from rupture_outcome.look.layout import html_table

GROUPS = {STUDY: "This study", LITERATURE: "Published"}


def literature_table(
    rows: pd.DataFrame, *, confidence: float = 0.95, simulated: bool = False
) -> str:
    """Lay out this study and the literature (`literature.literature`) as HTML."""
    records = rows.to_dict("records")
    cells = pd.DataFrame(index=rows.index)
    cells["group"] = [GROUPS[row["source"]] for row in records]
    cells["finding"] = rows["finding"]
    cells["authors"] = [who(row) for row in records]
    cells["value"] = [value_text(row) for row in records]
    cells["scale"] = [scale_text(row) for row in records]
    cells["comparator"] = rows["comparator"].replace("none", "–")
    cells["outcome"] = rows["outcome"]
    cells["unit"] = rows["unit"]
    cells["own"] = [_own(row) for row in records]
    cells["status"] = rows["status"]
    cells["note"] = rows["note"]
    return html_table(
        cells,
        "literature",
        "This study beside the literature",
        "Effects on the log-odds scale: above 0 is better (a better outcome, less dropout).",
        labels={
            "finding": "Finding",
            "authors": "From",
            "value": "As reported",
            "scale": "Log odds ratio",
            "comparator": "Compared with",
            "outcome": "Outcome",
            "unit": "Unit",
            "own": "This study",
            "status": "Status",
            "note": "Note",
        },
        group="group",
        notes=_notes(rows, confidence),
        simulated=simulated,
    )


def who(row: dict) -> str:
    """Name authors, year, number of studies and of persons.

    Examples
    --------
    >>> who({"authors": "Sharf et al.", "year": 2010, "k": 11, "n": 1301})
    'Sharf et al. (2010), 11 studies, N = 1,301'
    """
    authors = "" if pd.isna(row["authors"]) else str(row["authors"])
    year = "" if pd.isna(row["year"]) else f" ({int(row['year'])})"
    k = "" if pd.isna(row["k"]) else f"{int(row['k'])} studies"
    n = "" if pd.isna(row["n"]) else f"N = {int(row['n']):,}"
    return ", ".join(filter(None, [authors + year, k, n]))


def value_text(row: dict) -> str:
    """Value as it was reported, with its interval or range and what it is.

    Examples
    --------
    >>> value_text({"effect_type": "d", "value": 0.55, "qualifier": None, "low": None,
    ...     "high": None, "interval": None, "reported_d": None})
    'd = 0.55'
    """
    kind, percent = row["effect_type"], row["effect_type"] == "%"
    end = "%" if percent else ""
    low, high = (_as_printed(row[side], percent) for side in ("low", "high"))
    if pd.isna(row["value"]):
        return f"{low} to {high}{end}" if low else ""
    qualifier = "" if pd.isna(row["qualifier"]) else f"{row['qualifier']} "
    value = f"{qualifier}{_as_printed(row['value'], percent)}{end}"
    text = value if percent else f"{kind} = {value}"
    text += f" [{low}, {high}]" if low else ""
    return text if pd.isna(row["reported_d"]) else f"{text}, d = {number(row['reported_d'], 2)}"


def _as_printed(value: float, percent: bool) -> str:
    """Text of a number with the digits it was published with: two unless three are needed."""
    if pd.isna(value):
        return ""
    if percent:
        return f"{value:g}"
    thousandths = round(value, 3)
    return number(value, 3 if value == thousandths != round(value, 2) else 2)


def scale_text(row: dict) -> str:
    """Effect on the common scale with its interval, empty where it has no place there."""
    if pd.isna(row["log_odds"]):
        return ""
    low, high = number(row["log_odds_low"], 2), number(row["log_odds_high"], 2)
    return number(row["log_odds"], 2) + (f" [{low}, {high}]" if low else "")


def _own(row: dict) -> str:
    if pd.isna(row["own_value"]):
        return ""
    low, high = number(row["own_low"]), number(row["own_high"])
    limits = f" [{low}, {high}]" if low else ""
    return f"{number(row['own_value'])}%{limits} {row['own_note']}"


def _notes(rows: pd.DataFrame, confidence: float) -> list[str]:
    recalled = rows["status"].eq("recalled").any()
    return [
        "Log odds ratio: d × π/√3; d = 2r/√(1 − r²) where only r was published; limits of "
        "intervals are transformed one by one. Ranges and percentages stay as they are.",
        "Rows compare different things and outcomes, dropout here and mostly symptoms there: they "
        "give an order of magnitude, not a replication.",
        f"Intervals: 95% in the literature, {confidence * 100:g}% in this study; without one where "
        "none was read.",
        "Verified: read in a source. " + ("Recalled: not read, known. " if recalled else ""),
    ]
