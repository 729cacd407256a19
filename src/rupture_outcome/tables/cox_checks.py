"""Table of the checks of proportional hazards in the Cox model."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import interval, number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name

KINDS = {
    "score_test": "Score test, effect changes with log session",
    "interaction": "Change of the hazard ratio per doubling of sessions",
}


def cox_checks_table(
    checks: pd.DataFrame,
    primary: Mapping[str, str],
    *,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out the published checks (`publishable_checks`) as HTML, grouped by definition.

    All checks of the main definition and rule stand first; of the others the test of all terms and
    the change of the main contrast.
    """
    checks = shown_checks(checks, primary)
    cells = pd.DataFrame(index=checks.index)
    cells["group"] = [
        f"{name('definition', d)}; repair: {name('repair_rule', r)}"
        for d, r in zip(checks["definition"], checks["repair_rule"], strict=True)
    ]
    cells["check"] = checks["check"].map(KINDS)
    cells["term"] = [
        str(contrast).replace(" vs ", " against ") if pd.notna(contrast) else str(term)
        for term, contrast in zip(checks["term"], checks["contrast"], strict=True)
    ]
    cells["ratio"] = [number(ratio, 2) for ratio in checks["ratio"]]
    bounds = zip(np.exp(checks["ci_low"]), np.exp(checks["ci_high"]), strict=True)
    cells["interval"] = [interval(low, high) for low, high in bounds]
    cells["statistic"] = [number(value, 2) for value in checks["statistic"]]
    cells["df"] = ["" if pd.isna(df) else str(int(df)) for df in checks["df"]]
    cells["p"] = [p_text(p) for p in checks["p_value"]]
    cells["note"] = [_remark(row) for row in checks.to_dict("records")]
    return html_table(
        cells,
        "cox_checks",
        "Is the effect the same in every session? Checks of the Cox model",
        "A small p says that the hazard ratio changes over treatment; it is then an average.",
        labels={
            "check": "Check",
            "term": "Of",
            "ratio": "Ratio",
            "interval": f"{confidence * 100:g}% interval",
            "statistic": "χ²",
            "df": "df",
            "p": "p",
            "note": "Note",
        },
        group="group",
        notes=[
            "Score test: scaled Schoenfeld residuals against the logarithm of the session, exact "
            "form, patients taken as independent. Change per doubling: errors robust for "
            "therapists. The file of the table has all checks of every definition.",
        ],
        simulated=simulated,
    )


def shown_checks(checks: pd.DataFrame, primary: Mapping[str, str]) -> pd.DataFrame:
    """Choose the rows of the table, the main definition and rule first."""
    keys = [checks[column].astype(str).eq(value) for column, value in primary.items()]
    main = np.logical_and.reduce(keys) if keys else np.zeros(len(checks), dtype=bool)
    short = checks["term"].eq("all terms") | checks["contrast"].eq("repaired vs unrepaired")
    short |= checks["statistic"].isna() & checks["contrast"].isna()
    return pd.concat([checks[main], checks[~main & short]])


def p_text(p: float) -> str:
    """Write a p value.

    Examples
    --------
    >>> p_text(0.0371), p_text(0.00001), p_text(float("nan"))
    ('0.037', '<0.001', '')
    """
    if pd.isna(p):
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _remark(row: dict) -> str:
    if "estimate" in str(row.get("withheld")):
        return "withheld: too few patients or events"
    return "" if pd.isna(row.get("note")) else str(row["note"])
