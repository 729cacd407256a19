"""Table of the effects of the state of ruptures by subgroup, and of their joint tests."""

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import interval, number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, ratio_name, withheld_note
from rupture_outcome.publishable.shares import ROUNDED
from rupture_outcome.publishable.suppress import WITHHELD, count_texts, is_withheld, mark_of

COUNTS = ["patients", "sessions", "events"]
KEYS = ["moderator", "level", "contrast"]
PER_PARAMETER = "fewer than ten dropouts for each parameter of the model"
TOO_FEW = "withheld: too few patients or dropouts"
ROUNDED_NOTE = (
    "≈: rounded to 0.1 on the log scale, because few dropouts in one of the two states could "
    "otherwise be derived."
)
SMALL_CELLS = (
    "What small cells can say: with fewer than ten dropouts in a state, one dropout more or less "
    "moves the estimate a great deal, intervals are only approximate, and that two subgroups do "
    "not differ significantly does not show that they are alike."
)


def moderators_table(
    effects: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published effects by subgroup (`publishable_moderators`) as HTML, by moderator."""
    therapist = effects[effects["nested_in"].eq("therapist")].reset_index(drop=True)
    unit = effects[effects["nested_in"].eq("unit")].set_index(KEYS).reindex(_keys(therapist))
    cells = pd.DataFrame(index=therapist.index)
    cells["group"] = [name("variable", one) for one in therapist["moderator"]]
    cells["level"] = [name("category", one) for one in therapist["level"]]
    cells["contrast"] = therapist["contrast"].str.replace(" vs ", " against ", regex=False)
    cells["ratio"] = [_ratio(row) for row in therapist.to_dict("records")]
    cells["therapist"] = _intervals(therapist)
    cells["unit"] = _intervals(unit)
    for column in COUNTS:
        cells[column] = count_texts(therapist, column)
    cells["note"] = [_own_remark(row) for row in unit.reset_index().to_dict("records")]
    lines = _with_tests(cells, therapist, unit.reset_index(drop=True))
    ratio = ratio_name(str(effects["link"].iloc[0])) if len(effects) else "Ratio"
    level = f"{confidence * 100:g}%"
    return html_table(
        lines,
        "moderator_effects",
        "Effects of ruptures and repair on dropout, by subgroup",
        _subtitle(effects),
        labels={
            "level": "Subgroup",
            "contrast": "Contrast",
            "ratio": ratio,
            "therapist": f"{level} interval, therapists",
            "unit": f"{level} interval, robust for units",
            "patients": "Patients",
            "sessions": "Sessions",
            "events": "Dropouts",
            "note": "Note",
        },
        group="group",
        notes=_notes(effects, threshold),
        simulated=simulated,
    )


def remark(row: dict) -> str:
    """Note of a row in words: why there is no estimate, or a caution."""
    if mark_of(row.get(WITHHELD), "estimate") == "–" and "estimate" in str(row.get(WITHHELD)):
        return TOO_FEW
    note = "" if pd.isna(row.get("note")) else str(row["note"])
    if pd.notna(row["estimate"]):
        return note
    if note.startswith("left out of the model"):
        return note
    return f"not estimable: {note}" if note else "not estimable"


def _own_remark(row: dict) -> str:
    """Remark without what holds for the whole table and stands below it."""
    return "; ".join(part for part in remark(row).split("; ") if part != PER_PARAMETER)


def joint_text(row: dict) -> str:
    """Joint test in words, empty where there is none.

    Examples
    --------
    >>> joint_text({"joint_statistic": 1.478, "joint_df": 3, "joint_p": 0.687, "joint_p_holm": 1.0})
    'χ²(3) = 1.48, p = 0.69 (Holm: 1.00)'
    """
    if pd.isna(row["joint_p"]):
        return ""
    statistic = f"χ²({int(row['joint_df'])}) = {row['joint_statistic']:.2f}"
    return f"{statistic}, p {p_text(row['joint_p'])} (Holm: {p_text(row['joint_p_holm'])[2:]})"


def p_text(p: float) -> str:
    """P value with its sign of equality.

    Examples
    --------
    >>> p_text(0.031), p_text(0.0002)
    ('= 0.03', '< 0.001')
    """
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.0095 else f"= {p:.2f}"


def _keys(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[KEYS])


def _ratio(row: dict) -> str:
    mark = ROUNDED if mark_of(row.get(WITHHELD), "estimate") == ROUNDED else ""
    return mark + number(row["ratio"], 2) if pd.notna(row["ratio"]) else ""


def _intervals(rows: pd.DataFrame) -> list[str]:
    bounds = zip(np.exp(rows["ci_low"]), np.exp(rows["ci_high"]), strict=True)
    return [interval(low, high) for low, high in bounds]


def _with_tests(cells: pd.DataFrame, therapist: pd.DataFrame, unit: pd.DataFrame) -> pd.DataFrame:
    """Put the joint tests of a moderator below its levels."""
    blocks = []
    for _, block in cells.groupby(therapist["moderator"], sort=False):
        tests = therapist.loc[block.index].drop_duplicates("contrast")
        lines = [
            {
                "group": block["group"].iloc[0],
                "level": "Same in all subgroups?",
                "contrast": row["contrast"].replace(" vs ", " against "),
                "therapist": joint_text(row),
                "unit": joint_text(unit.loc[i].to_dict()),
            }
            for i, row in zip(tests.index, tests.to_dict("records"), strict=True)
            if pd.notna(row["joint_p"])
        ]
        blocks += [block, pd.DataFrame(lines, columns=cells.columns)]
    return pd.concat(blocks, ignore_index=True) if blocks else cells


def _subtitle(effects: pd.DataFrame) -> str:
    if effects.empty:
        return ""
    dropout = name("dropout_definition", effects["dropout_definition"].iloc[0])
    return f"Dropout: {dropout}. Below 1: less dropout in the state named first."


def _notes(effects: pd.DataFrame, threshold: int) -> list[str]:
    tested = effects.loc[effects["joint_p"].notna(), "moderator"].nunique()
    withheld = any(is_withheld(effects, column).any() for column in COUNTS)
    return [
        "One multilevel hazard a moderator: state by moderator, session bands and covariates, "
        "random intercept of the therapist of that session. Patients, sessions and dropouts are "
        "those at risk in the subgroup.",
        "Therapists: errors of that model. Robust for units: errors that allow patients of one "
        "couple, family or group to resemble each other beyond their therapist; a patient alone "
        "is a unit.",
        f"Same in all subgroups: Wald test over the subgroups with an estimate. Moderators "
        f"tested: {tested}; Holm's adjustment is for their number, for each contrast and "
        "nesting by itself."
        if tested
        else "",
        SMALL_CELLS,
        "These models have fewer than ten dropouts for each of their parameters: read all "
        "subgroups as hints."
        if effects["note"].astype(str).str.contains(PER_PARAMETER).any()
        else "",
        ROUNDED_NOTE if effects[WITHHELD].astype(str).str.contains("estimate ≈").any() else "",
        withheld_note(threshold) if withheld else "",
    ]
