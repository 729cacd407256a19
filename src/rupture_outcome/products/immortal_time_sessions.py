"""Where the immortal time sits: sessions of a simulated world, counted in two ways."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import SIMULATED_WORLD, name
from rupture_outcome.products.product import Product, Tables

COUNTED = {
    "by_patient": "Patients sorted by what happened until they left (naive)",
    "by_session": "Sessions sorted by what was known at them",
}


def person_time_table(tables: Tables, look: Look) -> str:
    """Lay out where sessions are counted."""
    times = tables["immortal_time_sessions"]
    cells = pd.DataFrame(index=times.index)
    cells["counted"] = times["counted"].map(COUNTED)
    cells["group"] = [
        name("history" if counted == "by_patient" else "state", group)
        for counted, group in zip(times["counted"], times["group"], strict=True)
    ]
    cells["dropout"] = [percent(value, 0) for value in times["dropout"]]
    for key in ("length", "before_rupture", "before_repair", "after_repair", "dropout_per_100"):
        cells[key] = [number(value) for value in times[key]]
    cells["misplaced"] = [percent(value, 0) for value in times["misplaced"]]
    return html_table(
        cells,
        "immortal_time_sessions",
        "Where the immortal time sits",
        f"{SIMULATED_WORLD} in which repair does nothing. Patients with a rupture; sessions are "
        "means of patients.",
        labels={
            "group": "",
            "dropout": "Dropped out",
            "length": "Sessions attended",
            "before_rupture": "before a rupture",
            "before_repair": "rupture not yet repaired",
            "after_repair": "from the first repair on",
            "misplaced": "Sessions counted too soon",
            "dropout_per_100": "Dropouts per 100 sessions",
        },
        group="counted",
        notes=[
            "Sessions counted too soon: counted to patients with a repaired rupture, although none "
            "was repaired yet. Nobody in this group can have dropped out in them: time in which "
            "the patient was, so to speak, immortal.",
            "Dropouts per 100 sessions after which there could have been one.",
        ],
    )


PRODUCT = Product(
    name="immortal_time_sessions",
    about="Sessions that a naive comparison counts as repaired although nothing was repaired yet",
    raw={"frame": "models/immortal_time_sessions.parquet"},
    columns=(
        Column("counted", label="How sessions are counted"),
        Column("group", label="Group"),
        *(
            Column(key, "number", label=label)
            for key, label in {
                "share": "Share of patients",
                "dropout": "Dropped out",
                "length": "Sessions attended",
                "before_rupture": "Sessions before a rupture",
                "before_repair": "Sessions before the first repair",
                "after_repair": "Sessions from the first repair on",
                "misplaced": "Share of sessions counted too soon",
                "dropout_per_100": "Dropouts per 100 sessions",
            }.items()
        ),
    ),
    lay_out=person_time_table,
)
