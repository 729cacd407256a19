"""How many recover as the clinical cut-off moves."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import UNKNOWN, count_texts, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import coding_name, name
from rupture_outcome.products.product import Product, Tables

NOTE = (
    "Recovered: reliably better, and from the clinical to the functional range. The cut-off "
    "decides who can recover and who does; who is reliably better does not depend on it."
)


def cutoffs_table(tables: Tables, look: Look) -> str:
    """Lay out a row a cut-off and state, the last rating first."""
    swept = tables["failure_cutoffs"]
    cells = pd.DataFrame(index=swept.index)
    cells["group"] = [name("end_point", code) for code in swept["end_point"]]
    cells["cutoff"] = [f"{cut:g}" for cut in swept["cutoff"]]
    cells["level"] = [name("state", level) for level in swept["level"]]
    cells["clinical"] = count_texts(swept["clinical"])
    cells["recovered"] = count_texts(swept["recovered"])
    cells["share"] = [percent(share) or UNKNOWN for share in swept["share"]]
    return html_table(
        cells,
        "failure_cutoffs",
        "Recovery as the cut-off moves",
        f"{coding_name(look.primary)}. Patients who could be judged.",
        labels=PRODUCT.labels("cutoff", "level", "clinical", "recovered", "share"),
        group="group",
        notes=[NOTE],
        look=look,
    )


PRODUCT = Product(
    name="failure_cutoffs",
    about="How many recover as the clinical cut-off moves, by the state of ruptures",
    raw={"frame": "models/failure_cutoffs.parquet"},
    columns=(
        Column("end_point", label="End point"),
        Column("cutoff", "number", label="Cut-off", unit="points"),
        Column("level", label="Patients"),
        Column("clinical", "count", label="Began in the clinical range"),
        Column("recovered", "count", label="Recovered", of=["clinical"]),
        Column("share", "share", label="Share", of=["recovered", "clinical"]),
    ),
    lay_out=cutoffs_table,
)
