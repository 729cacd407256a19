"""How well panel models of the alliance and symptoms fit."""

from collections.abc import Mapping

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, number, p_value
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.words import coding_name, name
from rupture_outcome.products.product import Product, Tables
from rupture_outcome.products.within_effects import FEWEST, pair_name

NOTE = (
    "χ²: twice the distance from the log-likelihood of free means and covariances, by full "
    "information over missing sessions. RMSEA: of the misfit a degree of freedom; CFI: from 0, no "
    "better than without any relation, to 1. Paths are the same at all sessions."
)


def panels_table(tables: Tables, look: Look) -> str:
    """Lay out a row a panel."""
    panels = tables["within_panels"]
    rows = panels.to_dict("records")
    cells = pd.DataFrame(index=panels.index)
    cells["group"] = [_measures(row) for row in rows]
    cells["method"] = [name("within_method", row["method"]) for row in rows]
    cells["setting"] = [name("within_setting", row["setting"]) for row in rows]
    for column, decimals in (("chi2", 1), ("df", 0), ("rmsea", 3), ("cfi", 3)):
        cells[column] = [number(row[column], decimals) for row in rows]
    cells["p"] = [p_value(row["p"], bare=True) for row in rows]
    cells["times"] = [number(row["times"], 0) for row in rows]
    for column in ("patients", "sessions"):
        cells[column] = count_texts(panels[column])
    cells["reason"] = [remark(row, look, "chi2") for row in rows]
    shown = ("method", "setting", "chi2", "df", "p", "rmsea", "cfi", "times", "patients")
    return html_table(
        cells,
        "within_panels",
        "How well panel models fit",
        coding_name(look.primary),
        labels={
            **PRODUCT.labels(*shown, "sessions"),
            **({"reason": "Note"} if cells["reason"].any() else {}),
        },
        group="group",
        notes=[NOTE],
        look=look,
    )


def _measures(row: Mapping) -> str:
    """Name the effect, or both measures where one model has both directions."""
    if row["method"] == "dynamic_panel":
        return pair_name(row)
    return pair_name(row).replace("→", "and")


PRODUCT = Product(
    name="within_panels",
    about="How well panel models of ruptures, the alliance and symptoms fit",
    raw={"frame": "models/within_panels.parquet"},
    columns=(
        Column("outcome", label="Outcome"),
        Column("predictor", label="One session before"),
        Column("method", label="Method"),
        Column("setting", label="Setting"),
        Column("definition"),
        Column("repair_rule"),
        Column("chi2", "test", label="χ²", of=FEWEST),
        Column("df", "number", label="Degrees of freedom"),
        Column("p", "p", label="p", of=FEWEST),
        Column("rmsea", "estimate", label="RMSEA", of=FEWEST),
        Column("cfi", "estimate", label="CFI", of=FEWEST),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions", of=("patients",)),
        Column("times", "number", label="Sessions of a panel"),
        Column("converged", "flag", of=FEWEST),
        Column("reason", "text", label="Note", of=FEWEST),
        Column("fewest_patients", "basis"),
    ),
    lay_out=panels_table,
)
