"""Captions of the figures: what is shown, of whom, and how to read it."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from rupture_outcome.look.words import SIMULATED, lower_first, name
from rupture_outcome.pages.bases import basis


def caption(figure: str, card: Mapping[str, Any], table: Callable[[str], pd.DataFrame]) -> str:
    """Caption of a figure, with what the rows that it draws rest on.

    Parameters
    ----------
    figure : str
        Name of the figure, such as "flow".
    card : mapping
        `study.json`.
    table : callable
        Gives a published table by name.

    Raises
    ------
    KeyError
        No caption has been written for the figure.
    """
    text = _CASE if figure.startswith("case_") else _TEXTS[figure]
    about = text.format(primary=primary_words(card), interval=_interval(card))
    if figure in _OF_NO_STUDY:
        return about
    simulated = f"{SIMULATED}." if card["simulated"] else ""
    return " ".join(filter(None, [about, basis(figure, table, card["primary"]), simulated]))


def primary_words(card: Mapping[str, Any]) -> str:
    """Primary rupture definition and repair rule in words, to stand within a sentence."""
    definition = lower_first(name("definition", card["primary"]["definition"]))
    repair = lower_first(name("repair_rule", card["primary"]["repair_rule"]))
    return f"{definition}; repair: {repair}"


def _interval(card: Mapping[str, Any]) -> str:
    return f"{card['models']['confidence'] * 100:g}%"


# Drawn from a small world of its own, whatever the study.
_OF_NO_STUDY = {"immortal_time"}

_TEXTS = {
    "immortal_time": (
        "Simulated world, not this study. Left: patients of a world in which repair does nothing, "
        "with the sessions that the naive comparison counts as treatment of repaired patients "
        "although no rupture was repaired yet. Right: what three analyses find on average, and "
        "the range of 95% of simulated studies, as the true effect of repair moves."
    ),
    "recognition": (
        "Of the ruptures that one reporter sees, those that another one sees in the session "
        "before, in the same one and in the one after, with {interval} intervals, beside what "
        "chance would give. Each reporter by one definition of the config, {primary} among them."
    ),
    "therapist_effects": (
        "How much therapists differ in ruptures, in repairing them and in losing patients "
        "({primary}): the chance of each in a session, by therapist, from the lowest to the "
        "highest, with {interval} intervals. Chances are drawn towards the average of all "
        "therapists, the more so the less is known of one. Therapists are not named, and their "
        "order is that of each panel."
    ),
    "growth_effects": (
        "How symptoms and the alliance at a session go with the state of ruptures after the one "
        "before ({primary}), with {interval} intervals: over all sessions, within patients and "
        "between them, under two courses of change."
    ),
    "failure_effects": (
        "How patients ended, by the state of their ruptures before ({primary}), with {interval} "
        "intervals: just before the end, which describes, and from a landmark session on. Each "
        "under two end points: the last rating, and what a growth model expects where the last "
        "session was not rated."
    ),
    "failure_flow": (
        "Who left and who stayed, better or not, by the state of ruptures before the end "
        "({primary}), and how patients ended by where they started. A dropout can be a good one, "
        "and a completed treatment a failed one."
    ),
    "within_effects": (
        "What an open rupture ({primary}) or the alliance says of symptoms before the next session "
        "of the same patient, and symptoms of the alliance a session later, by four methods and "
        "under several settings, with {interval} intervals; below, how patients differ."
    ),
    "flow": (
        "Patients and sessions at every step from the study's files to the analysis, and why some "
        "were left out."
    ),
    "endings": (
        "How and when treatment ended: cumulative incidence, which counts who is still in "
        "treatment for as long as he or she was seen, so that shares differ from those among all "
        "patients."
    ),
    "ratings": (
        "How completely sessions were rated, by source. A session without a rating cannot show a "
        "rupture from that source; it is not counted as a session without one."
    ),
    "alliance_courses": (
        "Alliance ratings of a few patients over treatment, with the ruptures and repairs that "
        "were coded ({primary}). Chosen to show how coding works, not to represent all patients."
    ),
    "onset_courses": (
        "Mean alliance before and after the first rupture, by whether it was repaired ({primary}), "
        "with {interval} confidence intervals. Definitions that look for a fall in the alliance "
        "show one by construction; that reported ruptures show one is a finding."
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
        "rupture ({primary}), with {interval} confidence intervals. Left of 1: less dropout after "
        "repair. Below it a check by Cox's model, and the naive comparison of patients, which is "
        "biased."
    ),
    "specification_curve": (
        "The same comparison under every analysis, definition of rupture and rule of repair, in "
        "order of size, with {interval} confidence intervals and, below, what was chosen for each. "
        "Is the main answer one of many like it, or alone?"
    ),
    "landmark_contrasts": (
        "Repaired minus open ruptures, counted from a landmark session: how many had ended, "
        "and how many sessions were lost to that ending by the horizon, with {interval} intervals "
        "from a bootstrap of therapists with their patients, and Gray's test ({primary}). Agreed "
        "endings are shown too, since who leaves in one way cannot leave in the other."
    ),
    "moderator_effects": (
        "The effect of repair on dropout within subgroups, and for each moderator whether it is "
        "the same in all of them ({primary}), with {interval} confidence intervals. Subgroups are "
        "small: look first at how many dropouts an estimate rests on."
    ),
    "literature": (
        "This study's effects of repair on dropout on one scale with published effects. What is "
        "compared, and with what outcome, differs from row to row and is named in each: they give "
        "an order of magnitude, not a replication. {interval} confidence intervals for this study."
    ),
    "state_occupancy": (
        "Where patients stand after each session: without a rupture, with an open or a repaired "
        "one, or gone ({primary}). Beside it, how many have an open rupture and how many dropped "
        "out, with {interval} intervals for one session at a time and bands for all at once."
    ),
    "repair_what_if": (
        "By how much dropout would differ if open ruptures were repaired as often as by the best "
        "quarter of therapists ({primary}), with {interval} intervals. A calculation under strong "
        "assumptions, which stand below it, not a prediction."
    ),
    "hazard_models": (
        "What the main result depends on: dropout or agreed ending after a session when the last "
        "rupture is repaired, compared with an open rupture ({primary}), under other models, with "
        "{interval} confidence intervals."
    ),
    "hazard_margins": (
        "The predicted chance of dropping out after each session by the state of ruptures "
        "({primary}), with {interval} confidence intervals."
    ),
    "dropout_definitions": (
        "How many patients dropped out by each definition of dropout, with {interval} confidence "
        "intervals."
    ),
    "dropout_patterns": "Which definitions of dropout call the same patients dropouts.",
    "dropout_definition_effects": (
        "Repaired compared with open ruptures ({primary}) under each definition of dropout, with "
        "{interval} confidence intervals. If the answer rests on one definition, it shows here. "
        "The naive comparison stands beside it and is biased."
    ),
    "sensitivity": (
        "How far the effect of repair ({primary}) would move if the analysis were wrong in other "
        "ways: confounding by symptoms that change over sessions, sessions in which the definition "
        "could not be tested, and open ruptures and repairs coded wrongly. {interval} confidence "
        "intervals. Suppositions, not findings: they show what would have to be true for another "
        "conclusion."
    ),
    "untested_sessions": (
        "How far the effect of repair ({primary}) would move with the share of untested sessions "
        "that were not in the state carried on, with {interval} intervals."
    ),
    "coding_errors": (
        "How far the effect of repair ({primary}) would move if open ruptures or repairs were "
        "coded wrongly as often as supposed, with {interval} intervals."
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
