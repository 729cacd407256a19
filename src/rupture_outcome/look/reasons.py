"""Why a row has no estimate, and what is to be known of one that has, in words."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

import pandas as pd

from rupture_outcome.engine.reasons import SEPARATOR, parsed
from rupture_outcome.look.formats import with_interval
from rupture_outcome.look.look import Look

WITHHELD = "withheld: too few persons or events in one arm"
NOT_ESTIMABLE = "not estimable"
SPEAKING = ("left out of the model", "impossible", "none", "no test", "no interval")

# These say what the reasons after them are reasons for.
HEADS: Mapping[str, str] = {
    "not_estimable": NOT_ESTIMABLE,
    "no_test": "no test",
    "no_interval": "no interval",
    "no_estimate": "no estimate for {0}",
    "weights_in_doubt": "positivity or the model of the weights is in doubt",
}
TEMPLATES: Mapping[str, str] = {
    **HEADS,
    # what models say
    "model_not_possible": "the model cannot be fitted to these sessions",
    "no_rows": "no session has all columns of the model",
    "only_events": "nothing but events",
    "one_group": "a single group, so that differences between groups cannot be told",
    "one_row_a_group": "one session in every group, so that groups cannot be told from chance",
    "predicted_without_error": "the columns together predict the outcome without error",
    "single_patient": "a single patient",
    "no_more_rows": "no more sessions than columns of the model",
    "outcome_is_constant": "the same value in every session, so that there is nothing to explain",
    "not_told_apart_intercept": "one session a patient: patients cannot be told from chance",
    "not_told_apart_slope": "too few sessions a patient to tell slopes from chance",
    "not_told_apart_person_group": "one patient a therapist: they cannot be told apart",
    "one_cell": "fewer than two cells of state and level hold dropouts",
    "no_session_left": "no session is left for the models",
    "dropout_impossible": "dropout by {0:words} is impossible in every session",
    "study_unusable": "the study lacks what this takes",
    "not_converged": "the fit did not converge",
    "fit_failed": "the fit failed ({0})",
    "nothing_fitted": "nothing was fitted",
    "collinear": "a column is the same for all at risk, or a combination of others",
    "infinite": "separated: the estimate is infinite",
    "separated": "separated",
    "chance_of_0_or_1": "separated: some chances are 0 or 1",
    "left_out": "left out for want of variation: {listed}",
    # who and what there is
    "nobody": "nobody at risk",
    "nobody_at_risk": "nobody at risk in state {0}",
    "nobody_followed": "nobody followed in state {either}",
    "no_events": "no event",
    "no_event": "no {0:words} in state {others}",
    "only_event": "nothing but {0:words} in state {1}",
    "no_ending": "no {0:words}",
    "empty_cell": "a cell of {0:words} by {1:words} is empty",
    "hardly_tested": ("testable in {0:.0%} of the sessions only, so the state is mostly not known"),
    "no_rupture_compared": "no rupture in a session that both could test",
    "few_ruptures_compared": "no SD: fewer than {0} ruptures recognised, or not",
    "no_kinds": "the definition does not tell kinds of rupture apart",
    "no_repair_at_once": "no rupture was repaired in its own session",
    "none_beyond_window": "no open rupture lies beyond the window for repair",
    "few_sources": "fewer than {0} reports of ruptures in a hundred sessions or more each",
    "states_not_told_apart": "ruptures are reported no more often in an open one, by {0:words}",
    "share_beyond_window": (
        "{0:.0%} of sessions with an open rupture lie beyond the window for repair"
    ),
    "impossible_reliability": "a reliability of {0} judges nobody: it lies between 0 and 1",
    "low_reliability": (
        "with a reliability of {0} changes of single patients are hardly told from error"
    ),
    "scores_do_not_vary": "scores do not vary, so that nothing is a large change",
    "change_not_reliable": "changes vary no more than measurement error makes them",
    "no_reliability": "the config gives no reliability of an instrument that measures symptoms",
    "no_cutoff": "no clinical cut-off is given, so that nobody is known to have recovered",
    "most_start_functional": (
        "{0:.0%} start in the functional range: check the cut-off and the direction of the scale"
    ),
    "descriptive": "describes, does not explain",
    "looks_ahead": "means or trends of the whole series: later sessions are included",
    "too_few_persons": "too few patients with sessions that follow each other",
    "negative_variance": "a variance is estimated below 0: the model asks more than the data bear",
    "sd_at_zero": (
        "{0}s differ no more in their {1} than chance makes them: its SD is estimated as 0"
    ),
    "correlation_at_limit": "the correlation of intercept and slope of {0}s is estimated as ±1",
    "one_slope": "too few sessions a patient for slopes of their own",
    "one_event_a_patient": (
        "a patient has at most one event, so the SD between patients rests on the form of the model"
    ),
    "biased_by_immortal_time": "biased by immortal time",
    "one_dropout_session": "dropouts at one session only",
    # therapists and other groups
    "few_clusters": "few therapists: the interval is wide for that, and only approximate",
    "one_cluster": "one therapist alone tells of it: how much it varies is not known",
    "no_clusters": "fewer than two therapists: errors robust for patients instead",
    "no_groups": "fewer than two {0}s known: no {0} effect in the model",
    "one_patient_a_group": (
        "one patient a {0}: no {0} effect in the model, which would be the patient's"
    ),
    "group_not_known": "{0} not known in some sessions: their patients stand alone",
    "one_therapist": "only one therapist",
    "shares_of_all_sessions": "therapists' shares are of all their sessions, later ones included",
    "one_therapist_rates": "one therapist: patients taken as independent",
    "one_therapist_intervals": "one therapist: intervals hold no differences between therapists",
    "therapists_not_known": "therapists not known: intervals take patients as independent",
    "only_patients_drawn": "fewer than two therapists: only patients were drawn",
    "no_therapists": "the study names no therapists",
    "unnamed_left_out": "sessions without a named therapist are left out",
    "no_named_session": "no session at risk that a named therapist held",
    "never_happened": "it never happened",
    "always_happened": "it happened in every session at risk",
    "no_difference": "therapists differ no more than chance makes them: the SD is estimated as 0",
    "no_difference_in_repair": (
        "therapists' SD in repair is estimated as 0, so no difference; intervals say how much the "
        "data leave open"
    ),
    "poor_sd": "fewer than {0} therapists: their SD is poorly determined",
    "sd_of_0": "not identified: the SD of therapists in {0} is estimated as 0",
    "sd_goes_to_0": "the SD of therapists in one of the outcomes goes to 0",
    "large_sd": "therapists differ in {0} by an SD above {1}",
    "few_therapists": "fewer than {0} therapists",
    "no_effects": "no effects of enough therapists that differ",
    "at_end": "the estimate is at the end of its range",
    "unbounded": "not bounded by the data: in one of the outcomes therapists may not differ at all",
    "misleading_rates": "for comparison only: chance errors of the rates weaken the correlation",
    "misleading_effects": (
        "for comparison only: effects drawn towards 0, each by a different amount, do not "
        "correlate as the true ones do"
    ),
    "not_one_by_one": (
        "therapists are not shown one by one: too few have enough patients and events"
    ),
    # resampling
    "one_patient": "one patient: no interval",
    "few_patients": "interval from fewer than {0} patients",
    "few_raters": "for observers in general, from {0} of them: where they differ much in level, "
    "the interval misses the truth more often than it says",
    "same_in_resamples": "every resample gives the same: the interval says nothing",
    "undefined_in_resamples": "not defined in {0:.1%} of the resamples",
    "selected_replicates": "no value in {0:.0%} of the replicates",
    "undefined_in_replicates": "no value in {0:.1%} of the replicates",
    # agreement
    "no_common_session": "no session is testable under both",
    "detected_never": "neither detects any rupture here",
    "detected_always": "both detect a rupture in every session",
    "no_two_raters": "no session was rated by two raters",
    "too_few_sessions": "too few sessions",
    "same_ratings": "all ratings are the same",
    "ratings_in_one_half": "ratings do not vary, or only one half has any",
    "undefined": "not defined",
    "ratings_a_session": "k = {0} ratings a session",
    "sessions_of_raters": "sessions of raters {named} of {0}",
    "sessions_of_as_many": "sessions that the same {0} of {1} raters rated",
    "present_shares": "raters say present in {0:.0%} to {1:.0%} of their sessions",
    # landmarks
    "early_horizon": "the horizon is not after the landmark",
    "short_data": "the data end before the horizon",
    "no_event_or_short_data": "no event in state {0}, or the data end before the horizon",
    "patients_independent": "patients taken as independent; whole follow-up",
    # subgroups
    "level_left_out": "left out of the model: no value recorded",
    "not_recorded": "not recorded in this study",
    "not_measured": "{0:words} was not measured",
    "kind_never_known": "the kind of rupture was never recorded",
    "kind_hardly_known": "the kind was recorded for {0:.0%} of the sessions after a rupture only",
    "strategy_never_known": "no rupture was coded by observers throughout",
    "strategy_hardly_known": (
        "observers coded the whole of the rupture for {0:.0%} of the sessions after one only"
    ),
    "few_events": "fewer than ten events in a state compared",
    "penalised": "by penalised likelihood, without therapists: {0:.2f} ({1:.2f} to {2:.2f})",
    "few_dropouts": "fewer than ten dropouts in a state compared",
    "thin_model": "fewer than ten dropouts for each parameter of the model",
    "few_units": "few couples, families or groups: the error may be too small",
    # states over time
    "markov_test": "1 in a Markov model; Wald test p = {0}",
    "same_age": "all open ruptures have the same age",
    "no_open_rupture": "no open rupture with a known therapist and a further session",
    "few_sessions": "needs at least {0} sessions with, and as many without, {1}",
    # sensitivity
    "ratio_kept": "{0} ratio taken as a risk ratio: dropout is rare",
    "ratio_converted": "{0} ratio converted: dropout is not rare",
    "imputations_failed": "not estimable in {0:.0%} of the imputed data sets",
    "some_imputations_failed": "not estimable in some imputed data sets",
    "no_symptoms": "no symptom scores before sessions: nothing to weight by",
    "weights_not_converged": "the model of the weights did not converge: {listed}",
    "no_weight_needed": "{0} happened: no weight needed",
    "no_such_session": "there is no such session: as in the main analysis",
    "impossible": "impossible: such errors alone would give more of one state than was coded",
    "nearly_impossible": "not determined: such errors alone would give nearly all of one state",
    "validated_accuracy": "as in the validation study that the config names",
    "simulated_accuracy": "what the definition achieves in this simulated study",
    "tipping_not_known": "not known: some shares have no estimate",
    "never_tips": "none: the interval {0} 1 at every share",
    "tips": "from this share on the interval {0} 1",
    "mean_not_1": "the mean is not near 1",
    "large_weights": "some weights are above {0}",
    "small_chances": "some changes had a chance below {0:.1%}",
    "positivity": "no sign that a state was next to impossible at some symptoms",
    # beside what others found
    "withheld_or_not_estimable": "withheld or not estimable",
    "log_hazard_ratio": "log hazard ratio, close to log odds here",
}


class _Values(Formatter):
    """Values are text: `words` writes a code with spaces, other formats are those of numbers."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "words":
            return str(value).replace("_", " ")
        written = format(float(value), format_spec) if format_spec else str(value)
        return "∞" if written == "inf" else written


def reason_text(note: object) -> str:
    """Write coded reasons in words; a code that is not known is shown with spaces.

    Parameters
    ----------
    reason : object
        Of `rupture_outcome.engine.reasons.joined`, or missing.

    Examples
    --------
    >>> reason_text("biased_by_immortal_time; not_estimable; no_event:dropout:repaired")
    'biased by immortal time; not estimable: no dropout in state repaired'
    >>> reason_text("hardly_tested:0.1")
    'testable in 10% of the sessions only, so the state is mostly not known'
    >>> reason_text("bad_luck:twice"), reason_text(float("nan"))
    ('bad luck: twice', '')
    """
    if note is None or note is pd.NA or note != note:
        return ""
    text = mark = ""
    for code, values in parsed(str(note)):
        text += mark + _text(code, values)
        mark = ": " if code in HEADS else SEPARATOR
    return text


def _text(code: str, values: tuple[str, ...]) -> str:
    if code not in TEMPLATES:
        return ": ".join(each.strip().replace("_", " ") for each in (code, *values))
    lists = {
        "listed": ", ".join(values),
        "named": ", ".join(values[1:]),
        "either": " or ".join(values),
        "others": " or ".join(values[1:]),
    }
    return _Values().vformat(TEMPLATES[code], values, lists)


def penalised_estimate(note: object) -> tuple[float, float, float] | None:
    """Read ratio and interval by penalised likelihood from coded reasons, where they hold one.

    Examples
    --------
    >>> penalised_estimate("no_event:dropout:repaired; penalised:0.12:0.001:0.9")
    (0.12, 0.001, 0.9)
    >>> penalised_estimate("few_events") is None
    True
    """
    if not isinstance(note, str):
        return None
    found = dict(parsed(note)).get("penalised")
    return None if found is None else (float(found[0]), float(found[1]), float(found[2]))


def penalised_estimates(reasons: "pd.Series[str]") -> "pd.Series[Any]":
    """Read `penalised_estimate` of every row."""
    found = [penalised_estimate(reason) for reason in reasons]
    return pd.Series(found, index=reasons.index, dtype=object)


def penalised_text(found: tuple[float, float, float] | None) -> str:
    """Write an estimate by penalised likelihood where no other is; empty without.

    Examples
    --------
    >>> penalised_text((0.12, 0.001, 0.9))
    '0.12 [0.00 to 0.90], penalised'
    """
    return "" if found is None else f"{with_interval(*found)}, penalised"


def remark(row: Mapping, look: Look, value: str = "estimate") -> str:
    """Say why a published row has no estimate, or what must be known of it.

    Parameters
    ----------
    row : mapping
        With `value` and, where there is one, ``reason``. Where `value` was withheld the note is
        empty: its `Column` names the same cells.
    look : Look
        Of the study; with exact counts nothing is withheld.
    value : str
        Column of the estimate.

    Examples
    --------
    >>> row = {"estimate": float("nan"), "reason": ""}
    >>> remark(row, Look(threshold=10))
    'withheld: too few persons or events in one arm'
    >>> remark({**row, "reason": "no_event:dropout:repaired"}, Look(threshold=10))
    'not estimable: no dropout in state repaired'
    """
    text = reason_text(row.get("reason"))
    if pd.notna(row[value]) or NOT_ESTIMABLE in text or text.startswith(SPEAKING):
        return text
    if not text:
        return WITHHELD if look.threshold else NOT_ESTIMABLE
    return f"{NOT_ESTIMABLE}: {text}"


def why(row: Mapping, look: Look, value: str = "estimate") -> str:
    """Say why a row has no estimate, without the cautions that stand before the reason.

    Examples
    --------
    >>> note = "biased_by_immortal_time; not_estimable; empty_cell:ever_repaired:dropout"
    >>> why({"estimate": float("nan"), "reason": note}, Look())
    'not estimable: a cell of ever repaired by dropout is empty'
    """
    text = remark(row, look, value)
    return text[max(text.find(NOT_ESTIMABLE), 0) :]
