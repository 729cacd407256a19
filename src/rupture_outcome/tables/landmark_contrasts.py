"""Table of repaired against unrepaired ruptures from landmarks on."""

from collections.abc import Mapping

import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.look.formats import number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import HIDDEN, count_texts

CAUSES = ("dropout", "agreed_ending")
SHARES = ("incidence", "incidence_difference")
ROWS = {
    "incidence_difference": "Difference, repaired − unrepaired",
    "time_lost_difference": "Difference, repaired − unrepaired",
    "incidence_ratio": "Ratio, repaired : unrepaired",
}
PAIRS = {"incidence_difference": "time_lost_difference", "incidence_ratio": None}


def contrasts_table(
    contrasts: pd.DataFrame,
    primary: Mapping[str, str],
    *,
    unit: str = "session",
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published contrasts (`publishable_contrasts`) of one definition and rule.

    Parameters
    ----------
    contrasts : DataFrame
        Of every definition and rule.
    primary : mapping
        ``definition`` and ``repair_rule`` to show.
    unit : str
        Of the clock, in the singular.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the table as simulated data.
    """
    rows = chosen(contrasts, primary)
    cells = [
        cell
        for (_, cause), block in rows.groupby(["landmark", "cause"], sort=False, observed=True)
        if cause in CAUSES
        for cell in _block(block, unit)
    ]
    labels = {
        "what": f"State at that {unit}",
        "patients": "Patients",
        "events": "Endings by then",
        "incidence": "Had ended, %",
        "time_lost": f"{unit.capitalize()}s lost",
        "note": "Note",
    }
    definition = name("definition", primary["definition"])
    repair = name("repair_rule", primary["repair_rule"])
    return html_table(
        pd.DataFrame(cells, columns=["group", *labels]),
        "landmark_contrasts",
        "Repaired and unrepaired ruptures from landmark sessions on",
        f"Estimates [{confidence * 100:g}% intervals]. {definition}; repair: {repair}.",
        labels=labels,
        group="group",
        notes=[
            f"{unit.capitalize()}s lost: {unit}s between landmark and horizon that a patient "
            "missed on average because treatment had ended in this way.",
            "Intervals: bootstrap of therapists and their patients; pointwise. Gray's test "
            "compares the whole curves of repaired and unrepaired, patients taken as independent.",
            withheld_note(threshold),
        ],
        simulated=simulated,
    )


def chosen(contrasts: pd.DataFrame, primary: Mapping[str, str]) -> pd.DataFrame:
    """Rows of one definition and repair rule."""
    keep = pd.Series(True, index=contrasts.index)
    for column, value in primary.items():
        keep &= contrasts[column].astype(str).eq(value)
    return contrasts[keep]


def interval_text(row: Mapping, digits: int, scale: float = 1.0) -> str:
    """Write an estimate with its interval; a mark where it is withheld, empty where none is.

    Examples
    --------
    >>> interval_text({"estimate": 0.123, "ci_low": 0.1, "ci_high": 0.15}, 1, 100)
    '12.3 [10.0, 15.0]'
    """
    if "estimate" in str(row.get("withheld")):
        return HIDDEN
    if pd.isna(row["estimate"]):
        return ""
    text = number(scale * row["estimate"], digits)
    if pd.isna(row["ci_low"]):
        return text
    low, high = (number(scale * row[end], digits) for end in ("ci_low", "ci_high"))
    return f"{text} [{low}, {high}]"


def gray_text(row: Mapping) -> str:
    """Write a test, such as "Gray's test: χ² = 1.03, df 1, p = 0.31"."""
    if "estimate" in str(row.get("withheld")):
        return "Gray's test: withheld"
    if pd.isna(row["statistic"]):
        return f"Gray's test: {_text(row['note']) or 'none'}"
    p = "p < 0.001" if row["p_value"] < 0.001 else f"p = {row['p_value']:.3f}"
    return f"Gray's test: χ² = {row['statistic']:.2f}, df {int(row['df'])}, {p}"


def _block(block: pd.DataFrame, unit: str) -> list[dict[str, str]]:
    counted = block.assign(**{c: count_texts(block, c) for c in ("patients", "events")})
    by = {(row["measure"], row["contrast"]): row for row in counted.to_dict("records")}
    first = counted.iloc[0]
    group = (
        f"{name('cause', first['cause'])} by {unit} {first['horizon']}, "
        f"in treatment at {unit} {first['landmark']}"
    )
    rows = [
        _row(by["incidence", state], by["time_lost", state], name("state", state))
        for state in STATES
    ]
    contrast = block.loc[block["measure"].eq("gray"), "contrast"].iloc[0]
    for measure, pair in PAIRS.items():
        other = by[pair, contrast] if pair else None
        rows.append(_row(by[measure, contrast], other, ROWS[measure]))
    rows[-1] |= {"patients": "", "events": ""}
    rows.append({"what": gray_text(by["gray", contrast])})
    return [{"group": group} | row for row in rows]


def _row(row: Mapping, lost: Mapping | None, what: str) -> dict[str, str]:
    share = row["measure"] in SHARES
    texts = interval_text(row, 1 if share else 2, 100 if share else 1)
    return {
        "what": what,
        "patients": row["patients"],
        "events": row["events"],
        "incidence": texts,
        "time_lost": interval_text(lost, 2) if lost else "",
        "note": _text(row["note"]),
    }


def _text(note: str | float | None) -> str:
    return "" if pd.isna(note) else str(note)
