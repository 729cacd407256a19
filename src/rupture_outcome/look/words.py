"""Plain-language names of all that is published: one place for figures, tables and report."""

from collections.abc import Mapping
from typing import Any

NAMES: Mapping[str, Mapping[str, str]] = {
    "definition": {
        "drop_sd": "Fall in alliance of at least k SD",
        "drop_rci": "Fall in alliance beyond reliable change",
        "running_chart": "Fall below the patient's running chart",
        "psq_patient": "Rupture reported by patient",
        "psq_therapist": "Rupture reported by therapist",
        "observer": "Rupture coded by observers",
        "observer_markers": "Rupture markers coded by observers",
        "discrepancy": "Alliance rated lower by patient than by therapist",
        "v_shape": "V shape in alliance",
        "strauss": "Fall and return in alliance",
        "sudden_loss": "Sudden loss in alliance",
        "control_chart": "Below the whole-course control chart",
        "change_point": "Downward shift of the mean",
    },
    "parameter": {
        "k": "k, fall in SD",
        "threshold": "least salience that counts",
        "points": "least fall that counts, in points",
        "sigmas": "distance below the mean in sigma",
        "tension": "least tension that counts",
        "sd_below_mean": "least distance below the mean, in SD",
        "least": "least number of markers that counts",
    },
    "measure": {
        "withdrawal": "Withdrawal, rated from 1 to 5",
        "confrontation": "Confrontation, rated from 1 to 5",
        "resolution": "Resolution, rated from 1 to 5",
        "withdrawal_per_hour": "Withdrawal markers per hour",
        "confrontation_per_hour": "Confrontation markers per hour",
        "resolution_per_hour": "Resolution markers per hour",
        "withdrawal_markers": "Withdrawal markers per session",
        "confrontation_markers": "Confrontation markers per session",
        "resolution_markers": "Resolution markers per session",
    },
    "agreement_type": {
        "absolute_agreement": "absolute agreement",
        "consistency": "consistency",
        "interval": "interval metric",
        "present_at_2": "present at ≥ 2",
        "present_at_3": "present at ≥ 3",
    },
    "agreement_model": {
        "one_way_random": "one-way random",
        "two_way_random": "two-way random: any observers",
        "two_way_mixed": "two-way mixed: these observers",
        "exchangeable_raters": "exchangeable raters",
        "two_raters": "two raters",
    },
    "agreement_statistic": {
        "ICC(1,1)": "ICC(1,1)",
        "ICC(1,k)": "ICC(1,k)",
        "ICC(A,1)": "ICC(A,1)",
        "ICC(C,1)": "ICC(C,1)",
        "ICC(A,k)": "ICC(A,k)",
        "ICC(C,k)": "ICC(C,k)",
        "krippendorff_alpha": "Krippendorff's alpha",
        "fleiss_kappa": "Fleiss' kappa",
        "cohen_kappa": "Cohen's kappa",
        "AC1": "AC1",
    },
    "agreement_unit": {
        "single": "one rating",
        "average": "mean of k ratings",
    },
    "half": {
        "early": "earlier half",
        "late": "later half",
        "late_minus_early": "later minus earlier half",
    },
    "marker_kind": {
        "withdrawal": "Withdrawal",
        "confrontation": "Confrontation",
    },
    "strategy": {
        "none": "No strategy",
        "not_named": "Strategy not named",
        "clarify": "Clarify a misunderstanding",
        "change_task_or_goal": "Change the task or goal",
        "explain_rationale": "Explain the rationale",
        "invite_to_talk": "Invite to talk about it",
        "own_part": "Own one's part",
        "disclose": "Disclose one's own experience",
        "link_to_relationship": "Link to this relationship",
        "link_to_other_relationships": "Link to other relationships",
        "validate": "Validate the patient's position",
        "redirect": "Redirect to the task",
    },
    "role": {
        "clear_v": "a clear V",
        "slow_decline": "a slow decline and a sudden recovery of the score",
        "dip_at_the_top": "a small dip at the top of the scale",
        "only_reported": "reported, and found by no rule of scores",
    },
    "repair_rule": {
        "return_to_baseline": "alliance back to its level before",
        "half_recovery": "half of the fall recovered",
        "psq_resolved": "reported as resolved",
        "observer_resolved": "coded as resolved",
    },
    "state": {
        "intact": "No rupture so far",
        "unrepaired": "Rupture open",
        "repaired": "Last rupture repaired",
        "all": "All patients",
        "not_known": "State not known",
    },
    "level": {
        "intact": "no rupture so far",
        "unrepaired": "open",
        "unrepaired_withdrawal": "open, withdrawal",
        "unrepaired_confrontation": "open, confrontation",
        "unrepaired_both": "open, both",
        "unrepaired_unknown": "open, unknown",
        "unrepaired_within_window": "open, repair still looked for",
        "unrepaired_beyond_window": "open, beyond the window for repair",
        "repaired": "repaired",
        "repaired_at_once": "repaired in the same session",
        "repaired_later": "repaired in a later session",
        "ever_repaired": "ever repaired",
        "never_repaired": "never repaired",
    },
    "slope": {
        "later_while_unrepaired": "later by one, while open",
        "later_while_repaired": "later by one, while repaired",
        "one_more_earlier_rupture": "one more earlier rupture",
        "more_unrepaired_of_therapist": "therapist with a tenth more sessions with an open rupture",
        "more_repaired_of_therapist": "therapist with a tenth more sessions after a repair",
    },
    "tested": {
        "all": "All",
        "tested": "That could be tested",
        "untested": "That could not",
    },
    "repaired_when": {
        "repaired": "",
        "repaired_at_once": "same session",
        "repaired_later": "later session",
    },
    "repair_outcome": {
        "own_session": "Repaired in the session of the rupture",
        "later_session": "Repaired in a later session",
        "not_repaired": "Not repaired within the time looked at",
        "censored": "Treatment or ratings ended first",
    },
    "open_rupture": {
        "unrepaired": "",
        "unrepaired_withdrawal": "withdrawal",
        "unrepaired_confrontation": "confrontation",
        "unrepaired_both": "both",
        "unrepaired_unknown": "unknown",
        "unrepaired_within_window": "within",
        "unrepaired_beyond_window": "beyond",
    },
    "term": {
        "state": "state",
        "state_at_landmark": "state at the landmark",
        "ever_repaired": "ever repaired",
        "time_since_rupture": "time since the rupture",
        "earlier_ruptures": "earlier ruptures",
        "within_therapists": "between therapists",
        "all_terms": "all terms",
    },
    "repair": {
        "repaired": "repaired",
        "not_repaired": "not repaired",
        "censored": "treatment or ratings ended first",
    },
    "analysis": {
        "hazard": "Session by session",
        "naive": "Naive, biased by immortal time",
        "landmark": "From a landmark session",
        "cox": "Cox, start–stop",
        "before_end": "Just before the end",
    },
    "scenario": {
        "observed": "As observed",
        "best_quarter": "Repair as by the best quarter of therapists",
        "best_quarter_model": "Repair as by the best quarter the model expects",
    },
    "time_in_state": {
        "expected_sessions": "Sessions per patient",
        "ever_ruptured": "Ever a rupture",
        "ever_repaired": "Ever a repaired rupture",
        "repaired_if_ruptured": "Ever repaired, of those with a rupture",
        "odds_ratio_per_session_open": (
            "Odds ratio of dropout for each session that the rupture has been open"
        ),
    },
    "fit": {
        "hazard": "hazard",
        "naive": "naive",
        "cox": "Cox, start–stop",
        "cox_by_session": "Cox, state by session",
        "state_therapists": "state, therapists",
        "state_by_moderator": "state by {}, therapists",
        "therapists": "{}, therapists",
        "therapists_jointly": "repair and {}, therapists jointly",
        "markov_check": "dropout from an open rupture, by its age",
        "pooled_hazard": "pooled hazard, {}",
        "weights:rupture_begins": "weights, a rupture begins",
        "weights:other_ending": "weights, an ending other than dropout",
        "weights:rupture_repaired": "weights, an open rupture is repaired",
        "weights:resolved_at_once": "weights, a first rupture is resolved at once",
        "untested": "untested sessions: {}",
        "untested_all": "untested sessions: {}, all",
        "untested_imputed": "untested sessions: imputed, {}",
        "hidden_states": "states told from all reports",
        "growth_log": "growth of {}, log of sessions",
        "growth_linear": "growth of {}, sessions",
        "growth_split_log": "growth of {}, states split, log of sessions",
        "growth_split_linear": "growth of {}, states split, sessions",
        "end_status": "{}",
    },
    "outcome": {
        "failure": "Failure: not better",
        "recovery": "Recovery",
        "deterioration": "Deterioration",
    },
    "end_point": {
        "last_rating": "Last rating",
        "modelled": "Modelled where not rated",
    },
    "method": {
        "JT": "Jacobson & Truax",
        "GLN": "Gulliksen, Lord & Novick",
        "HLL": "Hsu, Linn & Lord",
        "EN": "Edwards & Nunnally",
        "NK": "Nunnally & Kotsch",
        "HA": "Hageman & Arrindell",
    },
    "end": {
        "left_better": "Left and better",
        "left_not_better": "Left and not better",
        "stayed_better": "Stayed and better",
        "stayed_not_better": "Stayed and not better",
        "recovered": "Recovered",
        "improved": "Improved",
        "unchanged": "Unchanged",
        "deteriorated": "Deteriorated",
        "harmed": "Worse, into the clinical range",
        "not_judged": "Not judged",
    },
    "why_not_judged": {
        "not_followed": "Not in the models: ending, time or a covariate not known",
        "in_treatment": "Still in treatment",
        "never_rated": "Symptoms never rated",
        "rated_once": "Symptoms rated once only",
        "no_index": "No reliable change or end point can be computed",
    },
    "flow_group": {
        "all": "All patients",
        "repair": "By the state of ruptures before the end",
        "start": "By the first score",
    },
    "start": {
        "clinical": "Clinical range",
        "functional": "Functional range",
        "not_known": "Not known",
    },
    "course": {
        "log": "Change fast at first, then slower (log of sessions)",
        "linear": "Change steady over sessions",
    },
    "scope": {
        "whole": "All sessions",
        "within": "Within patients",
        "between_patients": "Between patients",
        "between_therapists": "Between therapists",
    },
    "within_measure": {
        "symptom": "symptoms",
        "open": "open rupture",
        "alliance_patient": "alliance, by patient",
        "alliance_therapist": "alliance, by therapist",
    },
    "within_method": {
        "lag_earlier": "Two levels, centred on earlier sessions",
        "lag_series": "Two levels, centred on all sessions (Nickell bias)",
        "cross_lagged": "Random-intercept cross-lagged panel",
        "dynamic_panel": "Dynamic panel",
    },
    "within_setting": {
        "common": "common trend taken out",
        "none": "no trend taken out",
        "own": "own trends taken out",
        "uncorrelated": "residuals uncorrelated",
        "no_carry_over": "nothing carried over",
    },
    "report": {
        "patient_rupture": "Rupture, patient",
        "patient_resolution": "Resolved, patient",
        "therapist_rupture": "Rupture, therapist",
        "therapist_resolution": "Resolved, therapist",
        "observer_rupture": "Withdrawal or confrontation, observers",
        "observer_resolution": "Resolution, observers",
        "patient_alliance": "Reliable fall, alliance of the patient",
        "therapist_alliance": "Reliable fall, alliance of the therapist",
    },
    "sees": {
        "open": "an open rupture",
        "mends": "a repair in the session",
        "begins": "a rupture that begins",
    },
    "hazard_model": {
        "main": "Main model",
        "spline_baseline": "Sessions as a smooth curve",
        "other_link": "Other link",
        "no_covariates": "Without covariates",
        "quadrature": "More exact integral over therapists",
        "tested_sessions": "Only sessions that could be tested",
        "unit_intercept": "Random effect of couple, family or group",
        "patient_intercept": "Random effect of patient",
        "time_since_rupture": "With time since the rupture",
        "earlier_ruptures": "With the number of earlier ruptures",
        "kind_of_rupture": "By kind of rupture",
        "repair_window": "By the window for repair",
        "within_therapists": "Within and between therapists",
        "state_before": "State one session earlier",
        "time_of_repair": "By when it was repaired",
        "early_agreed_ending": "Agreed ending before the plan was complete",
        "agreed_ending": "Agreed ending, planned ones included",
    },
    "sensitivity": {
        "e_value": "Confounders that were not measured: E-values",
        "marginal_structural": "Confounding by symptoms that change over sessions",
        "other_endings": "Other endings than dropout that depend on symptoms",
        "missing_ratings": "Sessions that could not be tested",
        "misclassification": "Open ruptures and repairs that were coded wrongly",
        "hidden_states": "States that nobody sees, told from all reports",
        "all_reports": "All reports, each with errors of its own",
        "per_session": "Chance of dropout after one session",
        "over_treatment": "Chance of dropout over treatment",
        "unweighted": "Not weighted, no therapist effect",
        "weighted": "Weighted by symptoms",
        "weighted_truncated": "Weighted, weights truncated",
        "carried": "State carried on (main analysis)",
        "left_out": "Untested sessions left out",
        "open": "Untested sessions: all open ruptures",
        "repaired_if_open": "Untested sessions: open ruptures repaired",
        "share_open": "A share of untested sessions was open",
        "share_open_before_dropout": "A share of those before dropout was open",
        "share_repaired": "A share of untested open ruptures was repaired",
        "share_repaired_before_dropout": "A share of those before dropout was repaired",
        "own": "Accuracy of the main definition",
        "validated": "Accuracy of a validation study",
    },
    "reporter": {
        "patient": "patient",
        "therapist": "therapist",
        "observer": "observers",
    },
    "lag": {
        "-1": "Session before",
        "0": "Same session",
        "1": "Session after",
    },
    "history": {
        "ever_repaired": "Rupture ever repaired",
        "never_repaired": "Rupture never repaired",
    },
    "cause": {
        "dropout": "Dropout",
        "agreed_ending": "Agreed ending",
        "other_ending": "Other ending",
    },
    "ending": {
        "dropout": "Dropout",
        "completed": "Completed as planned",
        "agreed": "Ended early by agreement",
        "referred": "Referred elsewhere",
        "administrative": "Ended for administrative reasons",
        "ongoing": "Still in treatment",
    },
    "dropout_definition": {
        "recorded_ending": "dropout recorded as the ending",
        "therapist_judgement": "dropout judged by the therapist",
        "missed_last_appointment": "last appointment missed",
        "fewer_than_planned": "fewer sessions than planned",
        "no_reliable_improvement": "left without reliable improvement",
        "first_sessions": "left within the first sessions",
    },
    "dropout_rule": {
        "recorded_ending": "the ending was recorded as dropout",
        "therapist_judgement": "the therapist judged the ending to be a dropout",
        "missed_last_appointment": "the patient did not come to the last appointment",
        "fewer_than_planned": (
            "the treatment ended, in whatever way, with fewer than {planned_share:.0%} of the "
            "planned sessions"
        ),
        "no_reliable_improvement": (
            "the treatment ended before the plan was delivered, and symptoms had not improved "
            "reliably from the first to the last rating"
        ),
        "first_sessions": (
            "the treatment ended before {first_sessions} attended sessions, neither completed nor "
            "by agreement"
        ),
    },
    "step": {
        "read": "In the study's files",
        "entered_twice": "Each session once",
        "joined": "Rows of one session joined",
        "conflicting": "Conflicting entries settled",
        "began_treatment": "Began treatment",
        "attended": "Attended sessions",
        "ending_classified": "Ending known",
        "placed_in_time": "Placed in time",
        "no_contradiction": "No contradiction in the ending",
        "at_risk": "At risk of dropout",
        "dropout_possible": "Dropout possible",
        "covariate_known": "{} known",
        "covariate_absent": "{} not in the study",
    },
    "flow_reason": {
        "in_tables": "rows in the study's tables",
        "exact_copies": "sessions entered twice, exact copies",
        "pieces_of_one_row": "further rows of a session, joined with its first",
        "different_answers": (
            "sessions entered twice with different answers, the {} value of each cell is kept"
        ),
        "never_seen": "patients without an attended session",
        "missed": "missed sessions: they hold no ratings",
        "day_missing": "day of the session missing",
        "not_classified_by": "cannot be classified as dropout or not by {}",
        "dropout_after_plan": (
            "dropout recorded though the last planned session was held, taken as agreed ending"
        ),
        "plan_delivered": "plan completed: from the last planned session on",
        "cannot_be_dropout": "leaving here cannot be dropout by the definition",
        "covariate_missing": "{} missing",
        "covariate_left_out": "{} left out of the models",
    },
    "therapist_outcome": {
        "rupture": "Rupture",
        "repair": "Repair of an open rupture",
        "dropout": "Dropout",
        "dropout_given_state": "Dropout, given the state of ruptures",
    },
    "relation_method": {
        "joint": "In one model, with the errors of both",
        "raw_rates": "Raw rates (misleading)",
        "shrunken_effects": "Shrunken effects (misleading)",
    },
    "relation_measure": {
        "correlation": "Correlation",
        "slope": "Slope, dropout on repair",
    },
    "clock": {
        "attended": "Sessions attended",
        "scheduled": "Sessions in the schedule",
        "weeks": "Weeks of treatment",
    },
    "clock_unit": {"attended": "session", "scheduled": "session", "weeks": "week"},
    "class": {
        "prospective": "looks back only",
        "retrospective": "looks ahead",
    },
    "provenance": {
        "verified": "formula read in a source",
        "recalled": "recalled, not read in a source",
        "project": "defined by this project",
    },
    "source": {
        "alliance_patient": "Alliance, by patient",
        "alliance_therapist": "Alliance, by therapist",
        "symptom": "Symptoms, before the session",
        "psq_patient_rupture": "Rupture question, by patient",
        "psq_patient_tension": "Tension, by patient",
        "psq_therapist_tension": "Tension, by therapist",
        "psq_therapist_rupture": "Rupture question, by therapist",
    },
    "category": {
        "cbt": "CBT",
        "trauma_focused_cbt": "Trauma-focused CBT",
        "ptsd": "PTSD",
        "ocd": "OCD",
        "not_recorded": "Not recorded",
        "all": "All patients",
    },
    "variable": {
        "population": "Population",
        "age_band": "Age",
        "gender": "Gender",
        "format": "Format",
        "treatment": "Treatment",
        "site_id": "Site",
        "kind": "Kind of rupture",
        "strategy": "Strategy to resolve it",
        "all": "Overall",
        "ending": "How treatment ended",
        "severity": "Symptoms at intake",
        "sessions_attended": "Sessions attended",
        "sessions_missed": "Sessions missed",
        "patients_per_therapist": "Patients per therapist",
    },
}

SIMULATED = "Simulated data"
SIMULATED_WORLD = "Simulated world"
THERAPIST_BENCHMARK = (
    "Benchmark: among 10,521 patients of 85 therapists (Saxon et al.), therapists made up 12.6% of "
    "the variance in dropout and lost from 1.2% to 73.2% of their patients; its unit is the "
    "treatment, here it is the session."
)
NAIVE_WARNING = (
    "The naive comparison is biased by immortal time: one must stay in treatment to be repaired, "
    "so it favours repair even where repair has no effect."
)

WHAT_IF_ASSUMPTIONS = (
    "therapists cause the differences in repair; what works for them works for the others and "
    "their patients; only the chance of repair changes, not that of rupture, dropout or other "
    "endings given the state; what comes next depends on state and session only (Markov); states "
    "are coded without error (errors make therapists look more alike, and all of this smaller)"
)


CLOCKS = {
    "attended": "number of sessions attended",
    "scheduled": "session in the schedule",
    "weeks": "week of treatment",
}


def lower_first(text: str) -> str:
    """Start a name in lower case, unless its first word is an abbreviation.

    Examples
    --------
    >>> lower_first("Rupture reported by patient"), lower_first("SD of the sample")
    ('rupture reported by patient', 'SD of the sample')
    """
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def name(kind: str, key: object) -> str:
    """Name of a coded value in plain language; an unknown code is shown with spaces.

    Parameters
    ----------
    kind : str
        What is named: a key of `NAMES`, such as ``"state"`` or ``"definition"``.
    key : object
        The code.

    Examples
    --------
    >>> name("state", "unrepaired")
    'Rupture open'
    >>> name("population", "social_anxiety")
    'Social anxiety'
    """
    text = str(key)
    known = NAMES.get(kind, {})
    return known.get(text, text.replace("_", " ")[:1].upper() + text.replace("_", " ")[1:])


def analysis_name(analysis: object, landmark: Any = None, unit: str = "session") -> str:
    """Name an analysis, with its landmark where it has one.

    Parameters
    ----------
    analysis : str
        Code of the analysis.
    landmark : number, optional
        On the clock; may be missing.
    unit : str
        Of the clock.

    Examples
    --------
    >>> analysis_name("landmark", 4), analysis_name("cox", None)
    ('From session 4 on', 'Cox, start–stop')
    """
    if landmark is None or landmark != landmark or str(landmark) == "<NA>":
        return name("analysis", analysis)
    return f"From {unit} {int(landmark)} on"


def coding_name(row: Mapping[Any, Any]) -> str:
    """Name a definition of rupture with its repair rule.

    Examples
    --------
    >>> coding_name({"definition": "drop_rci", "repair_rule": "half_recovery"})[-34:]
    'repair: half of the fall recovered'
    """
    definition = name("definition", row["definition"])
    return f"{definition}; repair: {name('repair_rule', row['repair_rule'])}"


def contrast_name(row: Mapping[Any, Any]) -> str:
    """Name what a row compares: two levels, or the step of a slope, which has none.

    Examples
    --------
    >>> contrast_name({"state_a": "repaired", "state_b": "unrepaired"})
    'repaired against open'
    >>> contrast_name({"state_a": "", "state_b": "", "contrast": "one_more_earlier_rupture"})
    'one more earlier rupture'
    """
    first, second = row["state_a"], row["state_b"]
    if not isinstance(second, str) or not second:
        return name("slope", row["contrast"])
    return f"{name('level', first)} against {name('level', second)}"


def coded_text(kind: str, code: object) -> str:
    """Say in words what a code says, with the value after its colon where it has one.

    Examples
    --------
    >>> coded_text("flow_reason", "covariate_missing:severity")
    'severity missing'
    """
    key, _, value = str(code).partition(":")
    text = NAMES[kind].get(str(code)) or NAMES[kind].get(key, key.replace("_", " "))
    return text.format(value.replace("_", " "))


def fit_name(model: object, unit: str = "session") -> str:
    """Say what was fitted; `unit` is that of the clock.

    Examples
    --------
    >>> fit_name("state_at_landmark:4"), fit_name("therapists_jointly:dropout")
    ('hazard, state at session 4', 'repair and dropout, therapists jointly')
    """
    key, _, value = str(model).partition(":")
    if key == "state_at_landmark":
        return f"hazard, state at {unit} {value}"
    if key == "hazard" and value:
        return f"hazard, {value.replace('_', ' ')}"
    return coded_text("fit", model)


def step_name(step: object) -> str:
    """Name a step of the flow.

    Examples
    --------
    >>> step_name("covariate_known:severity")
    'Severity known'
    """
    text = coded_text("step", step)
    return text[:1].upper() + text[1:]


def term_name(term: object) -> str:
    """Name a term of a model; a covariate is named as the study does.

    Examples
    --------
    >>> term_name("all_terms"), term_name("severity")
    ('all terms', 'severity')
    """
    return NAMES["term"].get(str(term), str(term))


def ratio_name(link: str) -> str:
    """Name the exponential of a coefficient under a link: odds ratio or hazard ratio."""
    return {"logit": "Odds ratio", "cloglog": "Hazard ratio", "log": "Hazard ratio"}.get(
        link, "Ratio"
    )
