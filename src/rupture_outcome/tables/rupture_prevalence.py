"""Table of how frequent ruptures are under each definition."""

import pandas as pd

from rupture_outcome.look.formats import interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts, is_withheld

LABELS = {
    "definition": "Definition",
    "class": "Class",
    "provenance": "Source of the rule",
    "sessions_testable": "Sessions testable",
    "sessions_detected": "Sessions with a rupture",
    "rate": "Share of testable sessions",
    "interval": "Interval",
    "expected_by_chance": "Sessions expected by chance",
    "expected_without_change": "Sessions expected without change",
    "patients_testable": "Patients testable",
    "patients_detected": "Patients with a rupture",
}
COUNTS = ["sessions_testable", "sessions_detected", "patients_testable", "patients_detected"]


def prevalence_table(
    prevalence: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out the published prevalence (`publishable_prevalence`) as HTML."""
    cells = pd.DataFrame(index=prevalence.index)
    for kind in ("definition", "class", "provenance"):
        cells[kind] = [name(kind, value) for value in prevalence[kind]]
    for column in COUNTS:
        cells[column] = count_texts(prevalence, column)
    cells["rate"] = [percent(rate) for rate in prevalence["rate"]]
    labels = dict(LABELS)
    for column in ("expected_by_chance", "expected_without_change"):
        if column in prevalence:
            cells[column] = [number(n) for n in prevalence[column]]
        else:
            del labels[column]
    if "ci_low" in prevalence:
        bounds = zip(100 * prevalence["ci_low"], 100 * prevalence["ci_high"], strict=True)
        cells["interval"] = [interval(low, high, 1) for low, high in bounds]
        labels["interval"] = f"{confidence * 100:g}% interval (%)"
    else:
        del labels["interval"]
    return html_table(
        cells,
        "rupture_prevalence",
        "Ruptures under each definition",
        "Testable: a session in which the definition can be applied. Unit: session, then patient.",
        labels=labels,
        notes=_notes(prevalence, threshold),
        simulated=simulated,
    )


def _notes(prevalence: pd.DataFrame, threshold: int) -> list[str]:
    recalled = prevalence["provenance"].astype(str).eq("recalled").any()
    withheld = any(is_withheld(prevalence, column).any() for column in COUNTS)
    return [
        "Expected by chance: mean number of sessions with a rupture when each patient's scores are "
        "put in random order; given for definitions that use scores. It can exceed what was found: "
        "real courses move slowly, and shuffled ones jump more from session to session. Expected "
        "without change: the same if scores differed by errors of measurement only, given where "
        "the reliability is known.",
        "Recalled: the rule is known to the authors but was not read in a source; check it before "
        "citing it."
        if recalled
        else "",
        withheld_note(threshold) if withheld else "",
    ]
