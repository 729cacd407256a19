"""Every code that the layers below can produce has words."""

import pytest

from rupture_outcome.cohort.dropout_rules import DROPOUT_DEFINITIONS, DropoutLimits
from rupture_outcome.cohort.risk_set import person_sessions
from rupture_outcome.cohort.rupture_history import KINDS
from rupture_outcome.estimates.agreement import rater_agreement
from rupture_outcome.estimates.agreement.rater_drift import HALVES
from rupture_outcome.estimates.cox import cox_effects
from rupture_outcome.estimates.effect_rows import EVER
from rupture_outcome.estimates.hazard.hazard_effects import STATES
from rupture_outcome.estimates.hazard.hazard_models import MODELS, WINDOW_LEVELS
from rupture_outcome.estimates.landmark.landmark import EXPOSURE
from rupture_outcome.estimates.multistate.repair_hazard import MARKOV_MODEL, REPAIR_MODEL
from rupture_outcome.estimates.naive import TERM
from rupture_outcome.estimates.sensitivity.state_weights import TRANSITIONS
from rupture_outcome.look.dropout_words import rule_in_words
from rupture_outcome.look.words import NAMES, fit_name, step_name
from tests.unit.toy_treatments import toy_tables

COEFFICIENTS = [
    *(*rater_agreement.ONE_WAY, *rater_agreement.TWO_WAY, *rater_agreement.ALPHA),
    *(*rater_agreement.MULTIPLE, *rater_agreement.PAIRED),
]
SLOPES = {code for model in MODELS for code in model.slopes.values()}
CODES = {
    "level": {*STATES, *(f"unrepaired_{kind}" for kind in KINDS), *WINDOW_LEVELS, *EVER},
    "open_rupture": {
        *("unrepaired", *(f"unrepaired_{kind}" for kind in KINDS)),
        *WINDOW_LEVELS[1:3],
    },
    "slope": SLOPES,
    "term": {"state", EXPOSURE, TERM, cox_effects.GLOBAL, *(m.id for m in MODELS if m.slopes)},
    "hazard_model": {model.id for model in MODELS},
    "agreement_statistic": {statistic for statistic, *_ in COEFFICIENTS},
    "agreement_model": {model for _, model, *_ in COEFFICIENTS},
    "agreement_type": {kind for _, _, kind, _ in COEFFICIENTS if kind} | {"present_at_2"},
    "agreement_unit": {unit for *_, unit in COEFFICIENTS},
    "half": set(HALVES),
    "dropout_rule": set(DROPOUT_DEFINITIONS),
    "dropout_definition": set(DROPOUT_DEFINITIONS),
    "fit": {cox_effects.MODEL, cox_effects.WITH_TIME, MARKOV_MODEL, "hazard", "naive"}
    | {f"weights:{transition.name}" for transition in TRANSITIONS},
}


@pytest.mark.parametrize("kind", CODES)
def test_every_declared_code_has_words(kind):
    assert set(CODES[kind]) <= set(NAMES[kind])
    assert not [code for code in CODES[kind] if " " in code]


def test_every_step_of_the_flow_and_its_reason_have_words():
    tables = toy_tables()
    _, flow = person_sessions(
        **tables, dropout_definition="recorded_ending", covariates=["severity"]
    )
    assert {step.partition(":")[0] for step in flow["step"]} <= set(NAMES["step"])
    assert {reason.partition(":")[0] for reason in flow["reason"]} <= set(NAMES["flow_reason"])
    assert not flow[["step", "reason"]].stack().str.contains(" ").any()
    assert "Severity known" in [step_name(step) for step in flow["step"]]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("hazard:spline_baseline", "hazard, spline baseline"),
        ("state_at_landmark:8", "hazard, state at week 8"),
        ("state_by_moderator:population", "state by population, therapists"),
        (REPAIR_MODEL, "repair, therapists"),
        (
            "therapists_jointly:dropout_given_state",
            "repair and dropout given state, therapists jointly",
        ),
        ("pooled_hazard:weighted_truncated", "pooled hazard, weighted truncated"),
        ("untested_imputed:share_open", "untested sessions: imputed, share open"),
        (
            "untested_all:share_open_before_dropout",
            "untested sessions: share open before dropout, all",
        ),
        ("untested:left_out", "untested sessions: left out"),
    ],
)
def test_fits_are_named_by_their_codes(code, words):
    assert fit_name(code, "week") == words


def test_rules_of_dropout_name_their_limits():
    assert "75%" in rule_in_words("fewer_than_planned")
    assert "before 6 attended" in rule_in_words("first_sessions", DropoutLimits(first_sessions=6))
