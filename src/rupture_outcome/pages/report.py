"""The report: one page that opens with the answer and holds everything needed to judge it."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rupture_outcome.estimates.effect_rows import EVER, HEADLINE
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import CLOCKS, lower_first, name
from rupture_outcome.pages.answer import (
    Effect,
    effect,
    headline,
    incidence_sentences,
    naive_sentence,
    number,
)
from rupture_outcome.pages.reading import Results
from rupture_outcome.pages.sentences.checks import checks_in_short, checks_sentences
from rupture_outcome.pages.sentences.failure import failure_sentence, flow_of_failure_sentence
from rupture_outcome.pages.sentences.growth import growth_sentence, within_sentence
from rupture_outcome.pages.sentences.recognition import recognition_sentence
from rupture_outcome.pages.sentences.repair import (
    definitions_sentence,
    in_short,
    margins_sentence,
    moderators_sentence,
    multiplicity_sentence,
    own_session_sentence,
    robustness_sentences,
    therapists_sentence,
    time_sentence,
    truth_sentences,
    what_if_sentence,
)
from rupture_outcome.pages.sentences.study import (
    accepted_sentences,
    covariates,
    dropout_sentence,
    flow_sentence,
    headline_basis,
    prevalence_sentence,
    simulated_notice,
    size,
)

TEMPLATE = "report.html.j2"
STYLE = "page.css"
SECTIONS = {
    "patients": "Who was in it",
    "rated": "What was rated",
    "ruptures": "How often ruptures were found",
    "agreement": "How far definitions agree",
    "recognition": "Who sees the same ruptures",
    "addressing": "How ruptures were addressed",
    "dropout": "Repair and dropout",
    "meaning": "What counts as dropout",
    "time": "Dropout over time",
    "growth": "Symptoms and the alliance",
    "failure": "Who got better",
    "therapists": "Differences between therapists",
    "moderators": "For whom",
    "sensitivity": "What could change the answer",
    "literature": "Beside what others found",
    "methods": "How it was done",
    "fits": "Which models could be fitted",
}
LINKS = {"logit": "logit link", "cloglog": "complementary log–log link"}


def write_report(results: Path) -> str:
    """Write the report of a study from its results, as one page that needs no other file.

    The page opens with the answer in one sentence, its interval, and the naive comparison labelled
    as biased. Numbers come from published tables only, so nothing withheld there can appear here.

    Parameters
    ----------
    results : Path
        What the pipeline wrote for the study: `study.json`, `flow.csv`, `tables`, `figures`,
        `models/hazard.json`.

    Returns
    -------
    str
        HTML; the same results give the same text.

    Raises
    ------
    StudyError
        A file of the results is missing; names it.
    """
    study = Results(results)
    card = study.card
    effects, sessions = study.table("dropout_effects"), study.table("state_sessions")
    checks = study.csv("checks.csv")
    look = Look(card["threshold"], simulated=card["simulated"])
    environment = Environment(
        loader=PackageLoader("rupture_outcome", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(
        card=card,
        style=Markup((Path(__file__).parent / STYLE).read_text(encoding="utf-8")),
        sections=SECTIONS,
        size=size(card),
        notice=simulated_notice(card) or look.mark,
        accepted=accepted_sentences(card),
        headline=headline(effects, card),
        boxes=boxes(effects, card),
        short=[*in_short(effects, study.table("sensitivity"), card), checks_in_short(checks)],
        incidence=incidence_sentences(study.table("landmark_contrasts"), card),
        robustness=robustness_sentences(study.table("sensitivity"), sessions, card),
        multiplicity=multiplicity_sentence(effects, card),
        truth=truth_sentences(effects, study.table("sensitivity"), card),
        checks=checks_sentences(checks),
        flow=flow_sentence(study.table("flow")),
        dropout=dropout_sentence(effects, card),
        prevalence=prevalence_sentence(study.table("rupture_prevalence"), card),
        margins=margins_sentence(study.table("hazard_margins"), sessions, card),
        definitions=definitions_sentence(study.table("dropout_definitions")),
        states=time_sentence(study.table("time_in_state"), card),
        what_if=what_if_sentence(study.table("repair_what_if"), card),
        recognition=recognition_sentence(study.table("recognition"), card),
        growth=growth_sentence(study.table("growth_effects"), card),
        failure=failure_sentence(study.table("failure_effects"), study.table("failure_flow"), card),
        failure_flow=flow_of_failure_sentence(study.table("failure_flow")),
        within=within_sentence(study.table("within_effects"), card),
        therapists=therapists_sentence(
            study.table("therapist_variances"), study.table("therapist_relation"), card
        ),
        moderators=moderators_sentence(study.table("moderator_effects")),
        methods=methods(card),
        own_session=own_session_sentence(
            study.table("repair_outcomes"), study.table("hazard_models"), card
        ),
        converged=study.table("model_fits")["converged"].tolist(),
        rounding=look.rounding,
        figure=lambda what: _figure(study, what),
        table=lambda what: Markup(study.html(what).data),
    )


def boxes(effects: pd.DataFrame, card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Put the main estimate and the naive one side by side, the naive one marked as biased."""
    main = effect(effects, "hazard", HEADLINE, card["primary"])
    naive = effect(effects, "naive", EVER, card["primary"])
    confidence = card["models"]["confidence"]
    return [
        {
            "title": "Session by session, among those still in treatment",
            "value": _value(main, confidence),
            "text": headline_basis(effects, card),
            "biased": False,
        },
        {
            "title": "Biased, for comparison only: patients ever repaired or not",
            "value": _value(naive, confidence),
            "text": naive_sentence(effects, card),
            "biased": True,
        },
    ]


def methods(card: Mapping[str, Any]) -> list[str]:
    """Paragraphs on how the analysis was done, from the choices in a study's config.

    Parameters
    ----------
    card : mapping
        `study.json`.
    """
    paragraphs = [_coding(card), _risk_set(card), _hazard(card)]
    return [*paragraphs, _landmarks(card)] if card["models"]["landmarks"] else paragraphs


def _value(found: Effect, confidence: float) -> str:
    if not found.estimable:
        return "not estimable"
    return f"{number(found.ratio)} ({found.limits(confidence)})"


def _coding(card: Mapping[str, Any]) -> str:
    primary = card["primary"]
    missed = "were" if card["bridge_missed_sessions"] else "were not"
    unrated = (
        "An attended session without a score was passed over: a score was compared with the "
        "previous one there was."
        if card["bridge_unrated_sessions"]
        else "A session whose previous session had no score was not testable."
    )
    return (
        "Ruptures were coded session by session under "
        f"{_counted(card['definitions'], 'definition')} (main: "
        f"{lower_first(name('definition', primary['definition']))}), repairs under "
        f"{_counted(card['repair_rules'], 'rule')} (main: "
        f"{name('repair_rule', primary['repair_rule'])}"
        f"{_parameters(card['repair_rules'], primary)}). In each session a rupture is detected, "
        "not detected, or the session is not testable. Scores "
        f"{missed} compared across a missed session. {unrated} Where treatment or ratings ended "
        "before the time allowed for repair was over, whether the rupture would have been repaired "
        "is not known. In the sessions that there were it was open, and they are counted as such."
    )


def _risk_set(card: Mapping[str, Any]) -> str:
    return (
        "The risk set has one row for each patient and attended session; what follows the session "
        "is dropout, another ending or neither. Dropout means: "
        f"{lower_first(name('dropout_definition', card['dropout_definition']))}. After the last "
        "planned session nobody can drop out. The state of a session (no rupture so far, rupture "
        "open, last rupture repaired) uses what was known at that session only."
    )


def _hazard(card: Mapping[str, Any]) -> str:
    models = card["models"]
    nodes = models["quadrature"]
    quadrature = f"adaptive Gauss–Hermite quadrature, {nodes} nodes"
    method = "Laplace approximation" if nodes == 1 else quadrature
    adjusted = " and ".join([CLOCKS[card["clock"]], *covariates(card)])
    return (
        f"The main model is a discrete-time hazard of dropout ({LINKS[models['link']]}) with "
        f"{adjusted} as covariates and a random intercept for therapists, fitted by maximum "
        f"likelihood ({method}). Intervals are {models['confidence'] * 100:g}% confidence "
        "intervals. The comparison is observational: it is adjusted for what was measured and for "
        "nothing else."
    )


def _landmarks(card: Mapping[str, Any]) -> str:
    sessions = " and ".join(f"{landmark:g}" for landmark in card["models"]["landmarks"])
    return (
        f"From landmark sessions ({sessions}), cumulative incidence of dropout was estimated for "
        "patients still in treatment, by the state of the rupture at the landmark, with other "
        "endings as competing events."
    )


def _parameters(rules: Mapping[str, Any], primary: Mapping[str, str]) -> str:
    within = (rules.get(primary["repair_rule"]) or {}).get("within")
    return f" within {within} sessions" if within else ""


def _counted(given: Mapping[str, Any], what: str) -> str:
    return f"{len(given)} {what}{'s' if len(given) != 1 else ''}"


def _figure(study: Results, what: str) -> dict[str, str]:
    svg = base64.b64encode(study.bytes(f"figures/{what}.svg")).decode()
    return {
        "source": f"data:image/svg+xml;base64,{svg}",
        "alt": study.alt(what),
        "caption": study.caption(what),
    }
