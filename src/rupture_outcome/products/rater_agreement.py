"""How far observers agree, with model, type and unit of every coefficient in words."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.engine.reasons import joined, parsed, reason, without
from rupture_outcome.look.formats import count_texts, interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

WHOLE = "all"
CELLS = ["n", "patients", "fewest"]


def nameless(look: Look, agreement: pd.DataFrame) -> pd.DataFrame:
    """Leave out who the observers are."""
    notes = agreement["reason"].fillna("").astype(str)
    pairs = zip(notes, agreement["raters"].astype(int), strict=True)
    return agreement.assign(reason=[_nameless(note, raters) for note, raters in pairs])


def _nameless(note: str, raters: int) -> str:
    """Note without raters' names and shares that have their own columns."""
    return joined(
        *(
            reason("sessions_of_as_many", raters, values[0])
            if code == "sessions_of_raters"
            else reason(code, *values)
            for code, values in parsed(without(note, ["present_shares"]))
        )
    )


def rater_table(tables: Tables, look: Look) -> str:
    """Lay out the agreement of raters as HTML."""
    agreement = tables["rater_agreement"]
    cells = pd.DataFrame(index=agreement.index)
    rows = agreement.to_dict("records")
    cells["group"] = [group_name(row["measure"], row["type"], row["half"]) for row in rows]
    cells["statistic"] = [_statistic(row["statistic"], row["half"]) for row in rows]
    cells["model"] = [name("agreement_model", model) for model in agreement["model"]]
    cells["type"] = [name("agreement_type", kind) for kind in agreement["type"]]
    cells["unit"] = [name("agreement_unit", unit) for unit in agreement["unit"]]
    for column in ("n", "patients"):
        cells[column] = count_texts(agreement[column])
    cells["raters"] = agreement["raters"].astype(int).astype(str)
    cells["estimate"] = [number(value, 2) for value in agreement["estimate"]]
    bounds = zip(agreement["ci_low"], agreement["ci_high"], strict=True)
    cells["interval"] = [interval(low, high) for low, high in bounds]
    cells["present"] = [_present(row["present_low"], row["present_high"]) for row in rows]
    cells["reason"] = [remark(row, look) for row in rows]
    return html_table(
        cells,
        "rater_agreement",
        "Agreement between observers",
        "Unit: session, coded by two observers or more.",
        labels=PRODUCT.labels(
            *("statistic", "model", "type", "unit", "n", "raters", "patients", "estimate")
        )
        | {"interval": f"{look.level} interval", "present": "Observers say present"}
        | PRODUCT.labels("reason"),
        group="group",
        notes=_notes(agreement),
        look=look,
    )


def group_name(measure: object, kind: object, half: object) -> str:
    """Name what observers agree about.

    Examples
    --------
    >>> group_name("withdrawal", "present_at_2", "all")
    'Withdrawal, rated from 1 to 5: present at ≥ 2'
    """
    about = name("measure", measure)
    if half != WHOLE:
        return f"{about}: earlier and later sessions"
    kappa = str(kind).startswith("present_at_")
    return f"{about}: {name('agreement_type', kind)}" if kappa else about


def _statistic(statistic: object, half: object) -> str:
    text = name("agreement_statistic", statistic)
    return text if half == WHOLE else f"{text}, {name('half', half)}"


def _present(low: float, high: float) -> str:
    if pd.isna(low):
        return ""
    return f"{percent(low, 0)} to {percent(high, 0)}"


def _notes(agreement: pd.DataFrame) -> list[str]:
    if agreement.empty:
        return ["Nothing was coded by observers."]
    return [
        "ICC: intraclass correlation. One-way models allow for other observers in each session; "
        "two-way models rest on sessions that the same observers all rated.",
        "Mean of k ratings: how reliable the average over k observers is, not one of them.",
        "Observers say present: lowest and highest share over observers. Kappa depends on it.",
        "Intervals: bootstrap of patients with all their sessions, for the observers at hand. "
        "Absolute agreement has a second interval, of the two-way random model, for observers who "
        "could be others (McGraw and Wong 1996, never narrower than the first). "
        "Sessions are split at the "
        "median session number; this shows whether late sessions are harder to rate.",
    ]


PRODUCT = Product(
    name="rater_agreement",
    about="Agreement between observers who coded the same sessions",
    raw={"agreement": "coding/rater_agreement.parquet"},
    make=nameless,
    columns=(
        Column("measure", label="Measure"),
        Column("model", label="Model"),
        Column("type", label="Type"),
        Column("unit", label="Reliability of"),
        Column("n", "count", label="Sessions"),
        Column("raters", "number", label="Observers"),
        Column(
            "estimate", "estimate", label="Estimate", of=CELLS, ends=["ci_low", "ci_high"], most=1.0
        ),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("statistic", label="Coefficient"),
        Column("patients", "count", label="Patients"),
        Column("reason", "text", label="Note"),
        Column("present_low", "estimate", of=CELLS),
        Column("present_high", "estimate", of=CELLS),
        Column("half"),
        Column("fewest", "basis"),
    ),
    lay_out=rater_table,
)
