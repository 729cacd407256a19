"""Tables of the definitions of dropout: how many each finds, and which find the same patients."""

import pandas as pd

from rupture_outcome.cohort.dropout_rules import LIMITS, DropoutLimits, rule_in_words
from rupture_outcome.look.dropout_words import KIND, definition_name, definitions_of, pattern_name
from rupture_outcome.look.formats import interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.shares import ROUNDED_NOTE, any_rounded, interval_texts, share_texts
from rupture_outcome.look.words import lower_first, name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

BENCHMARK = (
    "For comparison: of 2,977 patients classified by three definitions, fewer than 1% met all "
    "three (Xiao 2023)."
)
LIMITS_OF_SYMPTOMS = (
    "Left without reliable improvement also counts agreed endings, and rests on the symptoms that "
    "were rated: who left before a second rating cannot be classified, and nobody is at risk "
    "before it. A rupture may act on this outcome through symptoms as well as through leaving."
)


def definitions_table(
    rates: pd.DataFrame,
    *,
    limits: DropoutLimits = LIMITS,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published rates (`publishable_dropout_rates`) as HTML."""
    cells = pd.DataFrame(index=rates.index)
    cells["definition"] = [definition_name(d) for d in rates[KIND]]
    cells["rule"] = [rule_in_words(d, limits) for d in rates[KIND]]
    for column in ("patients", "events"):
        cells[column] = count_texts(rates, column)
    cells["rate"] = share_texts(rates, "rate", 1, percent=True)
    bounds = zip(100 * rates["ci_low"], 100 * rates["ci_high"], strict=True)
    cells["interval"] = [interval(low, high, 1) for low, high in bounds]
    cells["note"] = rates["note"].astype(object)
    ended = count_texts(rates, "ended")[0] if len(rates) else "0"
    symptoms = rates[KIND].eq("no_reliable_improvement").any()
    return html_table(
        cells,
        "dropout_definitions",
        "Dropout, by definition",
        f"n = {ended} patients whose treatment began and has ended.",
        labels={
            "definition": "Definition",
            "rule": "Dropout if",
            "patients": "Patients classified",
            "events": "Dropouts",
            "rate": "Rate",
            "interval": f"{confidence * 100:g}% interval (%)",
            **_note_column(rates),
        },
        notes=[
            "Intervals: Wilson, widened for therapists whose patients are alike.",
            LIMITS_OF_SYMPTOMS if symptoms else "",
            "A definition for which the study does not hold the data is not listed.",
            ROUNDED_NOTE if any_rounded(rates) else "",
            withheld_note(threshold) if _hides(rates) else "",
        ],
        simulated=simulated,
    )


def overlap_table(
    pairs: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published agreement of two definitions (`publishable_dropout_pairs`) as HTML."""
    cells = pd.DataFrame(index=pairs.index)
    cells["group"] = [definition_name(a) for a in pairs["definition_a"]]
    cells["definition_b"] = [definition_name(b) for b in pairs["definition_b"]]
    for column in ("n", "both", "only_a", "only_b"):
        cells[column] = count_texts(pairs, column)
    for column in ("kappa", "ac1"):
        cells[column] = share_texts(pairs, column)
    cells["interval"] = interval_texts(pairs)
    cells["note"] = pairs["note"].astype(object)
    return html_table(
        cells,
        "dropout_overlap",
        "Agreement between definitions of dropout",
        "Cohen's kappa over the patients whom both definitions can classify. Unit: patient.",
        labels={
            "definition_b": "With",
            "n": "Patients classified by both",
            "both": "Dropout by both",
            "only_a": "By the first only",
            "only_b": "By the second only",
            "kappa": "Kappa",
            "interval": f"{confidence * 100:g}% interval",
            "ac1": "AC1",
            **_note_column(pairs),
        },
        group="group",
        notes=[
            "Intervals: bootstrap of patients.",
            ROUNDED_NOTE if any_rounded(pairs) else "",
            withheld_note(threshold) if _hides(pairs) else "",
        ],
        simulated=simulated,
    )


def patterns_table(patterns: pd.DataFrame, *, threshold: int = 10, simulated: bool = False) -> str:
    """Lay out published sets of definitions (`publishable_dropout_patterns`) as HTML."""
    ids = definitions_of(patterns)
    cells = pd.DataFrame(index=patterns.index)
    cells["detected_by"] = [pattern_name(own, ids) for own in patterns["detected_by"]]
    cells["definitions"] = count_texts(patterns, "definitions")
    cells["patients"] = count_texts(patterns, "patients")
    cells["share"] = share_texts(patterns, "share", 1, percent=True)
    n = count_texts(patterns, "n")[0] if len(patterns) else "0"
    compared = "; ".join(lower_first(name(KIND, one)) for one in ids)
    return html_table(
        cells,
        "dropout_patterns",
        "Patients by the set of definitions that call them dropouts",
        f"n = {n} patients whom all of these definitions can classify. Unit: patient.",
        labels={
            "detected_by": "Dropout by",
            "definitions": "Definitions",
            "patients": "Patients",
            "share": "Share of patients",
        },
        notes=[
            f"Compared: {compared}." if ids else "",
            BENCHMARK,
            f"Other sets: sets of 1 to {threshold} patients, counted together."
            if threshold
            else "",
            ROUNDED_NOTE if any_rounded(patterns) else "",
            withheld_note(threshold) if _hides(patterns) else "",
        ],
        simulated=simulated,
    )


def _note_column(frame: pd.DataFrame) -> dict[str, str]:
    noted = frame["note"].astype(object).fillna("").ne("").any()
    return {"note": "Note"} if noted else {}


def _hides(frame: pd.DataFrame) -> bool:
    notes = frame["withheld"].astype(object).fillna("").astype(str)
    return bool(notes.str.contains("[≤–]|≈[0-9]", regex=True).any())
