"""Captions of the figures: what is shown, of whom, and how to read it."""

from collections.abc import Mapping
from typing import Any

from rupture_outcome.words import SIMULATED, name

CLOCKS = {
    "attended": "number of sessions attended",
    "scheduled": "session in the schedule",
    "weeks": "week of treatment",
}


def caption(figure: str, card: Mapping[str, Any]) -> str:
    """Caption of a figure, with what it rests on.

    Parameters
    ----------
    figure : str
        Name of the figure, such as "flow".
    card : mapping
        `study.json`.

    Raises
    ------
    KeyError
        No caption has been written for the figure.
    """
    text = _CASE if figure.startswith("case_") else _TEXTS[figure]
    about = text.format(primary=primary_words(card), interval=_interval(card))
    simulated = f" {SIMULATED}." if card["simulated"] else ""
    return f"{about} {basis(card)}{simulated}"


def basis(card: Mapping[str, Any]) -> str:
    """Say what the analysis rests on: "In the analysis: n = 580 patients and …"."""
    shown = [
        f"{card[key]:,} {key if key != 'sessions' else 'attended sessions'}"
        for key in ("patients", "sessions")
        if card.get(key) is not None
    ]
    if not shown:
        return "The number of patients is withheld."
    return f"In the analysis: n = {' and '.join(shown)}."


def primary_words(card: Mapping[str, Any]) -> str:
    """Primary rupture definition and repair rule in words, to stand within a sentence."""
    definition = lower_first(name("definition", card["primary"]["definition"]))
    repair = lower_first(name("repair_rule", card["primary"]["repair_rule"]))
    return f"{definition}; repair: {repair}"


def lower_first(text: str) -> str:
    """Start a name in lower case, unless its first word is an abbreviation.

    Examples
    --------
    >>> lower_first("Rupture reported by patient"), lower_first("SD of the sample")
    ('rupture reported by patient', 'SD of the sample')
    """
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _interval(card: Mapping[str, Any]) -> str:
    return f"{card['models']['confidence'] * 100:g}%"


_TEXTS = {
    "flow": (
        "Patients and sessions at every step from the study's files to the analysis, and why some "
        "were left out. Steps that concern very few people are shown together."
    ),
    "endings": "How and when treatment ended.",
    "ratings": (
        "How completely sessions were rated, by source. A session without a rating cannot show a "
        "rupture from that source; it is not counted as a session without one."
    ),
    "alliance_courses": (
        "Alliance ratings of a few patients over treatment, with the ruptures and repairs that "
        "were coded ({primary}). Chosen to show how coding works, not to represent all patients."
    ),
    "onset_courses": (
        "Mean alliance before and after the first rupture, by whether it was repaired (main "
        "definition: {primary}), large for the main definition and small for the "
        "others, with {interval} confidence intervals. Definitions that look for a fall in the "
        "alliance show one by construction; that reported ruptures show one is a finding."
    ),
    "definition_heatmap": (
        "How far two definitions of rupture agree on the same sessions: Cohen's kappa, which is 0 "
        "for agreement by chance and 1 for full agreement, with {interval} intervals in the table."
    ),
    "definition_sets": (
        "Which definitions find a rupture in the same sessions, among sessions that all of them "
        "can test. Sessions found by one definition only stand under a single dot."
    ),
    "chance": (
        "How often each definition finds a rupture, beside how often it would if the order of each "
        "patient's scores meant nothing, and if no patient changed. A definition that finds no "
        "more than these may be finding errors of measurement. {interval} confidence intervals."
    ),
    "strategies": (
        "What observers saw after a marker of withdrawal or confrontation, and how resolution of "
        "the session as a whole was rated. Descriptive: sessions in which more went wrong hold "
        "more strategies."
    ),
    "dropout_effects": (
        "Dropping out after a session when the last rupture is repaired, compared with an open "
        "rupture, for every definition of rupture and repair, with {interval} confidence "
        "intervals. Left of 1: less dropout after repair. The naive comparison of patients is "
        "shown beside it and is biased; patients at landmark sessions are compared as a check."
    ),
    "cumulative_incidence": (
        "Patients who had dropped out, counted from a landmark session, by the state of the "
        "rupture at that session ({primary}), with {interval} confidence intervals. Other "
        "endings count as competing, not as dropout."
    ),
}

_CASE = (
    "One course under every definition: ratings, the score below which each definition would see a "
    "rupture, and what each one says of every session. Chosen to show where definitions disagree, "
    "not to represent all patients."
)
