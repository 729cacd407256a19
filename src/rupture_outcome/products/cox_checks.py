"""Checks of proportional hazards in the Cox model."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE, compares
from rupture_outcome.look.formats import intervals, number, p_value
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.words import coding_name, contrast_name, term_name
from rupture_outcome.products.product import Product, Tables

KINDS = {
    "score_test": "Score test, effect changes with log session",
    "interaction": "Change of the hazard ratio per doubling of sessions",
}


def cox_checks_table(tables: Tables, look: Look) -> str:
    """Lay out the checks as HTML, grouped by definition.

    All checks of the main definition and rule stand first; of the others the test of all terms and
    the change of the main contrast.
    """
    checks = shown_checks(tables["cox_checks"], look.primary)
    cells = pd.DataFrame(index=checks.index)
    records = checks.to_dict("records")
    cells["group"] = [coding_name(row) for row in records]
    cells["check"] = checks["check"].map(KINDS)
    cells["term"] = [
        contrast_name(row) if pd.notna(row["contrast"]) else term_name(row["term"])
        for row in records
    ]
    cells["ratio"] = [number(ratio, 2) for ratio in checks["ratio"]]
    cells["interval"] = intervals(checks, ratio=True)
    cells["statistic"] = [number(value, 2) for value in checks["statistic"]]
    cells["df"] = ["" if pd.isna(df) else str(int(df)) for df in checks["df"]]
    cells["p"] = [p_value(p, bare=True) for p in checks["p_value"]]
    cells["reason"] = [remark(row, look, "statistic") for row in records]
    return html_table(
        cells,
        "cox_checks",
        "Is the effect the same in every session? Checks of the Cox model",
        "A small p says that the hazard ratio changes over treatment; it is then an average.",
        labels={
            "check": "Check",
            "term": "Of",
            "ratio": "Ratio",
            "interval": f"{look.level} interval",
            "statistic": "χ²",
            "df": "df",
            "p": "p",
            "reason": "Note",
        },
        group="group",
        notes=[
            "Score test: scaled Schoenfeld residuals against the logarithm of the session, exact "
            "form, patients taken as independent. Change per doubling: errors robust for "
            "therapists, few or many; χ² is F times its df. The file of the table has all checks "
            "of every definition.",
        ],
        look=look,
    )


def shown_checks(checks: pd.DataFrame, primary: Mapping[str, str]) -> pd.DataFrame:
    """Choose the rows of the table, the main definition and rule first."""
    keys = [checks[column].astype(str).eq(value) for column, value in primary.items()]
    main = np.logical_and.reduce(keys) if keys else np.zeros(len(checks), dtype=bool)
    short = checks["term"].eq("all_terms") | compares(checks, HEADLINE)
    short |= checks["statistic"].isna() & checks["contrast"].isna()
    return pd.concat([checks[main], checks[~main & short]])


PRODUCT = Product(
    name="cox_checks",
    about="Whether the effects of the Cox model stay the same over treatment",
    raw={"checks": "models/cox_checks.parquet"},
    columns=(
        Column("definition"),
        Column("repair_rule"),
        Column("check", label="Check"),
        Column("term", label="Of"),
        Column("contrast"),
        Column("estimate", "estimate", of=FEWEST, ends=("ci_low", "ci_high"), se="se"),
        Column("se", "follows"),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("ratio", "estimate", label="Ratio", of=FEWEST, se="se"),
        Column("statistic", "test", label="χ²", of=FEWEST),
        Column("df", "number", label="df"),
        Column("p_value", "p", label="p", of=FEWEST),
        Column("patients", "count"),
        Column("sessions", "count", of=["patients"]),
        Column("events", "count", of=["patients"]),
        Column("reason", "text", label="Note", of=FEWEST),
        Column("state_a"),
        Column("state_b"),
        *(Column(cell, "basis") for cell in FEWEST),
    ),
    lay_out=cox_checks_table,
)
