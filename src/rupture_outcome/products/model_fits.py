"""Every fitted model, and whether it can be relied on."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.fit_audit import BANDS, FIT_FILES
from rupture_outcome.look.formats import with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.words import coding_name, fit_name
from rupture_outcome.products.product import Product, Tables


def one_row_a_fit(_: Look, **fits: pd.DataFrame) -> pd.DataFrame:
    """Put the fits of all files below each other; what a kind of model has not is missing."""
    names = [column.name for column in PRODUCT.columns]
    given = pd.concat(fits.values(), ignore_index=True)
    frame = given.reindex(columns=[*names, "events_per_parameter"])
    events = frame["events_per_parameter"].astype(float)
    bands = pd.cut(events, [*BANDS, float("inf")], right=False, labels=list(BANDS))
    flags = {name: frame[name].eq(True) for name in ("converged", "boundary")}
    return frame.assign(events_at_least=bands.astype(float), **flags)[names]


def model_fits_table(tables: Tables, look: Look) -> str:
    """Lay out the fits as HTML, grouped by definition and repair rule."""
    fits = tables["model_fits"]
    rows = fits.to_dict("records")
    cells = pd.DataFrame(index=fits.index)
    cells["group"] = [coding_name(row) for row in rows]
    cells["model"] = [fit_name(model, look.unit) for model in fits["model"]]
    cells["converged"] = ["yes" if row["converged"] else "no" for row in rows]
    cells["group_sd"] = [
        with_interval(row["group_sd"], row["group_sd_low"], row["group_sd_high"]) for row in rows
    ]
    cells["events_at_least"] = [
        "" if pd.isna(least) else f"{least:.0f} or more" if least else f"below {BANDS[1]}"
        for least in fits["events_at_least"]
    ]
    cells["reason"] = [reason_text(row["reason"]) for row in rows]
    return html_table(
        cells,
        "model_fits",
        "Which models could be fitted",
        "One row a fitted model.",
        labels={
            "model": "Model",
            "converged": "Converged",
            "group_sd": f"Group SD [{look.level} interval]",
            "events_at_least": "Events per parameter",
            "reason": "Note",
        },
        group="group",
        look=look,
    )


PRODUCT = Product(
    name="model_fits",
    about="Every fitted model: whether it converged, its SD between groups, events per parameter",
    raw={file: f"models/{file}.json" for file in FIT_FILES},
    make=one_row_a_fit,
    columns=(
        Column("model", label="Model"),
        Column("definition", label="Definition"),
        Column("repair_rule", label="Repair rule"),
        Column("converged", "flag", label="Converged"),
        Column("boundary", "flag", label="Group SD at 0"),
        Column(
            "group_sd",
            "estimate",
            label="SD between groups",
            unit="log odds",
            of=("n_groups", "n_events"),
            ends=("group_sd_low", "group_sd_high"),
        ),
        Column("group_sd_low", "follows", unit="log odds"),
        Column("group_sd_high", "follows", unit="log odds"),
        Column("events_at_least", "number", label="Least events per parameter"),
        Column("reason", "text", label="Note"),
        Column("n_groups", "basis"),
        Column("n_events", "basis"),
    ),
    lay_out=model_fits_table,
)
