"""The ruptures that two definitions share, within a few sessions."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

COUNTS = ["onsets_a", "onsets_b", "matched", "patients"]


def with_all_onsets(look: Look, agreement: pd.DataFrame) -> pd.DataFrame:
    """Add the number of onsets that the agreement of both definitions is a share of."""
    return agreement.assign(onsets=agreement["onsets_a"] + agreement["onsets_b"])


def onsets_table(tables: Tables, look: Look) -> str:
    """Lay out the agreement on onsets as HTML."""
    onsets = tables["onset_agreement"]
    cells = pd.DataFrame(index=onsets.index)
    cells["group"] = [name("definition", a) for a in onsets["definition_a"]]
    cells["definition_b"] = [name("definition", b) for b in onsets["definition_b"]]
    for column in COUNTS:
        cells[column] = count_texts(onsets[column])
    for column in ("precision", "sensitivity", "positive_agreement"):
        cells[column] = [percent(share) for share in onsets[column]]
    cells["lag_mean"] = [number(lag, 2) for lag in onsets["lag_mean"]]
    return html_table(
        cells,
        "onset_agreement",
        "Ruptures that two definitions share",
        f"Onsets of the same patient {_within(onsets)}. Unit: rupture.",
        labels=PRODUCT.labels(
            *("definition_b", "onsets_a", "onsets_b", "matched", "precision", "sensitivity"),
            *("positive_agreement", "lag_mean", "patients"),
        ),
        group="group",
        notes=[
            "A rupture counts only if the other definition could test a session that near to it. "
            "Matched one to one, the nearest first. Of both: twice the shared ones over all.",
        ],
        look=look,
    )


def _within(onsets: pd.DataFrame) -> str:
    tolerance = int(onsets["tolerance"].iloc[0]) if len(onsets) else 1
    sessions = "session" if tolerance == 1 else "sessions"
    return f"at most {tolerance} {sessions} apart"


PRODUCT = Product(
    name="onset_agreement",
    about="Onsets of ruptures that two definitions share, within a few sessions",
    raw={"agreement": "coding/onset_agreement.parquet"},
    make=with_all_onsets,
    columns=(
        Column("definition_a", label="Definition"),
        Column("definition_b", label="With"),
        Column("tolerance", "number", unit="session"),
        Column("onsets_a", "count", label="Ruptures, first"),
        Column("onsets_b", "count", label="Ruptures, second"),
        Column("matched", "count", label="Shared", of=["onsets_a", "onsets_b"]),
        Column("sensitivity", "share", label="Of the second's", of=["matched", "onsets_b"]),
        Column("precision", "share", label="Of the first's", of=["matched", "onsets_a"]),
        Column("positive_agreement", "mean", label="Of both", of=["onsets"]),
        Column(
            "lag_mean", "mean", "Second later by (sessions)", unit="session", of=["matched"]
        ),
        Column("patients", "count", label="Patients"),
        Column("onsets", "basis"),
    ),
    lay_out=onsets_table,
)  # fmt: skip
