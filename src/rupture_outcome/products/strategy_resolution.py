"""The strategies that followed rupture markers, and how resolution was rated."""

import pandas as pd

from rupture_outcome.disclosure import OTHER, Categories, Column
from rupture_outcome.look.formats import count_texts, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

COUNTS = ["sessions", "patients", "resolved"]


def strategies_table(tables: Tables, look: Look) -> str:
    """Lay out the strategies as HTML."""
    strategies = tables["strategy_resolution"]
    cells = pd.DataFrame(index=strategies.index)
    n = count_texts(strategies["n"])
    cells["group"] = [
        f"{name('marker_kind', kind)} ({count} sessions)"
        for kind, count in zip(strategies["marker_kind"], n, strict=True)
    ]
    cells["strategy"] = [name("strategy", one) for one in strategies["strategy"]]
    for column in COUNTS:
        cells[column] = count_texts(strategies[column])
    cells["share"] = [percent(share) for share in strategies["share"]]
    cells["resolution_mean"] = [number(mean, 2) for mean in strategies["resolution_mean"]]
    return html_table(
        cells,
        "strategy_resolution",
        "What followed a rupture marker, and how the session was resolved",
        "Coded by observers. Unit: session with a marker of that kind.",
        labels=PRODUCT.labels(
            *("strategy", "sessions", "share", "patients", "resolution_mean", "resolved")
        ),
        group="group",
        notes=_notes(strategies, look),
        look=look,
    )


def joined_note(strategies: pd.DataFrame, look: Look) -> str:
    """Explain the strategies that are counted together, if there are any."""
    if not strategies["strategy"].eq(OTHER).any():
        return ""
    return (
        f"Other: strategies seen with 1 to {look.threshold} patients, counted together; a session "
        "counts once for each of them."
    )


def _notes(strategies: pd.DataFrame, look: Look) -> list[str]:
    if strategies.empty:
        return ["No rupture marker was coded by observers."]
    return [
        "A strategy followed if the same observer coded it in the marker's segment or the next. A "
        "session can hold several strategies. Resolved: mean rating of the session 3 or more.",
        "This describes: where more went wrong, more was tried and less was resolved. It does not "
        "say what a strategy does.",
        joined_note(strategies, look),
    ]


PRODUCT = Product(
    name="strategy_resolution",
    about="Strategies that followed a rupture marker, and how the session was resolved",
    raw={"strategies": "coding/strategy_resolution.parquet"},
    columns=(
        Column("marker_kind", label="Marker"),
        Column("strategy", label="Strategy that followed"),
        Column("sessions", "count", label="Sessions", of=["n"]),
        Column("patients", "count", label="Patients"),
        Column("resolution_mean", "estimate", "Mean resolution (1 to 5)", of=["resolution_n"]),
        Column("resolution_n", "count", of=["sessions"]),
        Column("resolved", "count", label="Resolved", of=["resolution_n"]),
        Column("n", "count"),
        Column("share", "share", label="Share", of=["sessions", "n"]),
    ),
    categories=Categories("strategy", "patients", within=["marker_kind", "n"]),
    lay_out=strategies_table,
)
