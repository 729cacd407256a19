"""How well definitions find the ruptures of a simulated study."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

COUNTS = ["n", "onsets", "found", "negatives", "detections"]


def accuracy_table(tables: Tables, look: Look) -> str:
    """Lay out the accuracy as HTML."""
    accuracy = tables["definition_accuracy"]
    cells = pd.DataFrame(index=accuracy.index)
    cells["definition"] = [name("definition", one) for one in accuracy["definition"]]
    for column in COUNTS:
        cells[column] = count_texts(accuracy[column])
    for rate in ("sensitivity", "specificity"):
        bounds = zip(100 * accuracy[f"{rate}_low"], 100 * accuracy[f"{rate}_high"], strict=True)
        cells[rate] = [percent(value) for value in accuracy[rate]]
        cells[f"{rate}_interval"] = [interval(low, high, 1) for low, high in bounds]
    cells["ppv"] = [percent(value) for value in accuracy["ppv"]]
    cells["delay_mean"] = [number(delay, 2) for delay in accuracy["delay_mean"]]
    level = f"{look.level} interval (%)"
    return html_table(
        cells,
        "definition_accuracy",
        "Definitions against the true ruptures",
        "Truth is known because the study is simulated. Unit: rupture for sensitivity and delay, "
        "session for the rest.",
        labels=PRODUCT.labels("definition", "n", "onsets", "found", "sensitivity")
        | {"sensitivity_interval": level}
        | PRODUCT.labels("negatives", "specificity")
        | {"specificity_interval": level}
        | PRODUCT.labels("detections", "ppv", "delay_mean"),
        notes=_notes(accuracy),
        look=look,
    )


def _notes(accuracy: pd.DataFrame) -> list[str]:
    if accuracy.empty:
        return ["The true ruptures are not known: they are in simulated studies only."]
    return [
        "Found: a detection in the session in which a rupture began or up to two attended sessions "
        "later. True ruptures that a definition could not test in that time are left out.",
        "Sessions without rupture: none open, and none began so shortly before. Accuracy depends "
        "on how ruptures were simulated; it says nothing of real ones.",
    ]


PRODUCT = Product(
    name="definition_accuracy",
    about="How well definitions find the true ruptures of a simulated study",
    raw={"accuracy": "coding/definition_accuracy.parquet"},
    columns=(
        Column("definition", label="Definition"),
        Column("n", "count", label="Sessions testable"),
        Column("onsets", "count", label="True ruptures"),
        Column(
            "sensitivity", "share", "Sensitivity",
            of=["found", "onsets"], ends=["sensitivity_low", "sensitivity_high"],
        ),
        Column("sensitivity_low", "follows"),
        Column("sensitivity_high", "follows"),
        Column("negatives", "count", label="Sessions without rupture", of=["n"]),
        Column(
            "specificity", "mean", "Specificity",
            of=["negatives"], ends=["specificity_low", "specificity_high"],
        ),
        Column("specificity_low", "follows"),
        Column("specificity_high", "follows"),
        Column("detections", "count", label="Detections", of=["n"]),
        Column("ppv", "mean", label="Of these true", of=["detections"]),
        Column("found", "count", label="Found", of=["onsets"]),
        Column("delay_mean", "mean", "Delay (sessions)", unit="session", of=["found"]),
    ),
    lay_out=accuracy_table,
)  # fmt: skip
