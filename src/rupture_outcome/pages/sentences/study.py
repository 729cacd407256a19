"""Sentences about a study, its size and its choices, for notebooks and report."""

import html
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.look.words import CLOCKS, lower_first, name
from rupture_outcome.pages.answer import effect
from rupture_outcome.pages.reading import count

MARKUP = re.compile(r"([\\`*_\[\]#$|])")
RISK_STEPS = ("at_risk", "dropout_possible")
INSTRUMENTS = {
    "alliance_patient": "the alliance as the patient sees it",
    "alliance_therapist": "the alliance as the therapist sees it",
    "symptom": "symptoms",
}


def study_sentence(card: Mapping[str, Any]) -> str:
    """Title and size of a study, in Markdown; a title is never read as markup."""
    notice = f" **{simulated_notice(card)}**" if card["simulated"] else ""
    return f"The study: **{_plain(card['title'])}**, {size(card)}.{notice}"


def size(card: Mapping[str, Any]) -> str:
    """Patients, therapists and sessions at risk in the analysis."""
    of = {"patients": "patients", "therapists": "therapists", "sessions": "sessions at risk"}
    patients, therapists, sessions = (count(card[key], what) for key, what in of.items())
    return f"{patients}, {therapists} and {sessions}"


def simulated_notice(card: Mapping[str, Any]) -> str:
    """Say that the data are simulated, where they are."""
    if not card["simulated"]:
        return ""
    return (
        "Simulated data: a computer program invented the patients, so nothing here is evidence "
        "about real treatments; it shows what the analysis does."
    )


def accepted_sentences(card: Mapping[str, Any]) -> list[str]:
    """Say what was let through that may identify persons, and why; plain text."""
    return [
        f"'{column}' looks like something that identifies persons, and was let through: {reason}"
        for column, reason in card["accepted"].items()
    ]


def headline_basis(effects: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say what the main result rests on."""
    found = effect(effects, "hazard", HEADLINE, card["primary"])
    words = {
        "patients": "patients",
        "sessions": "sessions at risk of dropout",
        "events": "dropouts",
    }
    parts = [count(getattr(found, column), what) for column, what in words.items()]
    definition = lower_first(name("dropout_definition", card["dropout_definition"]))
    return f"It rests on {parts[0]}, {parts[1]} and {parts[2]}. Dropout means: {definition}."


def flow_sentence(flow: pd.DataFrame) -> str:
    """Patients and sessions at the first and the last step."""
    first, last = flow.iloc[0], flow.iloc[-1]
    attended = flow[flow["step"].eq("attended")]
    own = flow[~flow["step"].isin(RISK_STEPS)].iloc[-1]
    held = f", {count(attended['sessions'].iloc[0])} of them attended" if len(attended) else ""
    return (
        f"The files hold {count(first['patients'], 'patients')} and "
        f"{count(first['sessions'], 'sessions')}{held}. The analysis of dropout uses "
        f"{count(last['patients'], 'patients')} and, of their "
        f"{count(own['sessions'], 'attended sessions')}, the "
        f"{count(last['sessions'])} at risk: after these a dropout was possible."
    )


def dropout_sentence(effects: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """How many dropped out, by the definition that the study uses."""
    found = effect(effects, "hazard", HEADLINE, card["primary"])
    definition = lower_first(name("dropout_definition", card["dropout_definition"]))
    patients, events = found.patients or 0, found.events if found.events is not None else -1
    share = f" ({events / patients * 100:.0f}%)" if patients > 0 and events >= 0 else ""
    return (
        f"Of {count(found.patients, 'patients')} in the analysis, {count(found.events)}{share} "
        f"dropped out after a session at risk. Dropout means: {definition}."
    )


def prevalence_sentence(prevalence: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """How often the primary definition finds a rupture, with its unit and denominator."""
    definition = card["primary"]["definition"]
    rows = prevalence[prevalence["definition"] == definition]
    label = lower_first(name("definition", definition))
    if rows.empty or pd.isna(rows["rate"].iloc[0]):
        return f"By the main definition ({label}), the rate of ruptures is not known."
    row = rows.iloc[0]
    testable = count(row["sessions_testable"], "testable sessions")
    return (
        f"By the main definition ({label}), a rupture was detected in {row['rate'] * 100:.1f}% of "
        f"{testable}. This is a rate per session; the share of patients with at least one rupture "
        "is larger."
    )


def choices_table(card: Mapping[str, Any]) -> str:
    """Choices that a study made, as a Markdown table."""
    primary = card["primary"]
    same = [CLOCKS[card["clock"]], *covariates(card), "therapist"]
    measures = dict.fromkeys(card["instruments"].values())
    rows = {
        "Rupture, main definition": name("definition", primary["definition"]),
        "Other definitions": _names("definition", card["definitions"], primary["definition"]),
        "Repair, main rule": upper_first(name("repair_rule", primary["repair_rule"])),
        "Other repair rules": _names("repair_rule", card["repair_rules"], primary["repair_rule"]),
        "Dropout": upper_first(name("dropout_definition", card["dropout_definition"])),
        "Compared at the same": upper_first("; ".join(same)),
        "Questionnaires on": upper_first("; ".join(INSTRUMENTS.get(m, m) for m in measures)),
    }
    lines = [f"| {what} | {_plain(chosen)} |" for what, chosen in rows.items() if chosen]
    return "\n".join(["| Choice | In this study |", "|---|---|", *lines])


def covariates(card: Mapping[str, Any]) -> list[str]:
    """Covariates of the models, by name."""
    return [lower_first(name("variable", key)) for key in card["models"]["covariates"]]


def upper_first(text: str) -> str:
    """Start a text with a capital, leaving the rest as it is."""
    return text[:1].upper() + text[1:]


def _names(kind: str, given: Mapping[str, Any], primary: str) -> str:
    others = (lower_first(name(kind, key)) for key in given if key != primary)
    return upper_first("; ".join(others))


def _plain(text: str) -> str:
    return MARKUP.sub(r"\\\1", html.escape(text, quote=False))
