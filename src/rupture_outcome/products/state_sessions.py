"""Sessions and dropouts by state, as they were observed."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.state_sessions import state_sessions
from rupture_outcome.look.formats import UNKNOWN, count_texts, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import coding_name, name
from rupture_outcome.products.product import Product, Tables


def of_main_coding(look: Look, person_sessions: pd.DataFrame) -> pd.DataFrame:
    """Count under the main definition and repair rule."""
    own = person_sessions
    for column, code in look.primary.items():
        own = own[own[column].eq(code)]
    return state_sessions(own)


def sessions_table(tables: Tables, look: Look) -> str:
    """Lay out sessions and dropouts by state as HTML."""
    found = tables["state_sessions"]
    cells = pd.DataFrame(index=found.index)
    cells["group"] = [name("state", state) for state in found["state"]]
    cells["tested"] = [name("tested", code) for code in found["tested"]]
    for count in ("patients", "sessions", "dropouts"):
        cells[count] = count_texts(found[count])
    cells["rate"] = [percent(rate, 2) or UNKNOWN for rate in found["rate"]]
    return html_table(
        cells,
        "state_sessions",
        "Sessions and dropouts by state, as observed",
        f"{coding_name(look.primary)}. Sessions at risk of dropout.",
        labels=PRODUCT.labels("tested", "patients", "sessions", "dropouts", "rate"),
        group="group",
        notes=[
            "In a session that could not be tested the state of the session before is carried on.",
        ],
        look=look,
    )


PRODUCT = Product(
    name="state_sessions",
    about="Sessions at risk by state of ruptures, and how many were followed by dropout",
    raw={"person_sessions": "models/person_sessions.parquet"},
    make=of_main_coding,
    columns=(
        Column("state", label="State"),
        Column("tested", label="Sessions"),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions", of=["patients"]),
        Column("dropouts", "count", label="Followed by dropout", of=["patients"]),
        Column("rate", "share", label="Share", of=["dropouts", "sessions"]),
    ),
    lay_out=sessions_table,
)
