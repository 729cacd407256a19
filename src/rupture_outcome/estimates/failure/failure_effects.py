"""Failure, recovery and deterioration by what became of the rupture, with therapists as a level."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import joined, reason, without
from rupture_outcome.engine.reliable_change import NOT_JUDGED, Method
from rupture_outcome.estimates.effect_rows import (
    FEWEST,
    basis_of,
    cautioned,
    compared,
    label,
    ratio_columns,
)
from rupture_outcome.estimates.failure.end_status import BETTER, CLINICAL, WORSE
from rupture_outcome.estimates.hazard.exposure_hazard import (
    GROUPS,
    ExposureFit,
    Form,
    HazardSettings,
    fit_exposure,
)
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS

OUTCOMES = ("failure", "recovery", "deterioration")
BEFORE_END, LANDMARK = "before_end", "landmark"
ANALYSES = (BEFORE_END, LANDMARK)
EXPOSURE = "state"
LENGTH = "log_sessions"
DESCRIPTIVE = reason("descriptive")
NO_CUTOFF = reason("no_cutoff")
# They matter to recovery only.
OF_CUTOFFS = ("no_cutoff", "most_start_functional")
FAILURE_COLUMNS = (
    *("outcome", "end_point", "method", "analysis", "landmark", "definition", "repair_rule"),
    *("state_a", "state_b", "estimate", "se", "ci_low", "ci_high", "ratio"),
    *("patients", "events", "patients_a", "events_a", "patients_b", "events_b", "not_judged"),
    *("therapists", "converged", "reason", *FEWEST),
)


@dataclass(frozen=True)
class At:
    """When the state of ruptures is looked at: before the end, or at a landmark on the clock."""

    landmark: int | None = None

    @property
    def analysis(self) -> str:
        """Code of the analysis."""
        return BEFORE_END if self.landmark is None else LANDMARK

    @property
    def code(self) -> str:
        """The analysis with its landmark, for the name of a fit."""
        return self.analysis if self.landmark is None else f"{LANDMARK}_{self.landmark}"


def failure_effects(
    person_sessions: pd.DataFrame,
    status: pd.DataFrame,
    primary: Mapping[str, str],
    method: Method,
    landmarks: Sequence[int],
    settings: HazardSettings,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Compare how patients ended by the state of their ruptures, for every end point and method.

    ``outcome ~ state + covariates + (1 | therapist)``, a logit, among those who can be judged. The
    state is known before the score that is judged: the symptom is taken before a session, so it is
    that after the session before (`before_end`), or that at a landmark of those still in treatment
    whose score comes later (`landmark`). Who stays longer has more time both to be repaired and to
    get better: `before_end`, with the log of the number of sessions as a covariate, describes and
    does not explain.

    Parameters
    ----------
    person_sessions : DataFrame
        Of the primary definition and repair rule, in order of patient and session.
    status : DataFrame
        From `rupture_outcome.estimates.failure.end_status.end_status`, of all methods.
    primary : mapping
        ``definition`` and ``repair_rule`` of `person_sessions`.
    method : str
        Under which recovery and deterioration are compared too; the other methods give failure.
    landmarks : sequence of int
        Sessions on the clock.
    settings : HazardSettings
        How to fit; the link is the logit.

    Returns
    -------
    effects : DataFrame
        One row an outcome, end point, method, analysis and pair of states.
    fits : list of dict
        What an audit needs of each model.
    """
    logit = replace(settings, link="logit")
    given = {key: primary[key] for key in ("definition", "repair_rule")}
    rows: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    for at in (At(), *map(At, landmarks)):
        for (end_point, own, outcome), judged in _each_outcome(status, method):
            people = eligible(exposed(person_sessions, judged, at), outcome)
            name = {"outcome": outcome, "end_point": end_point, "method": own}
            found = _fitted(people, outcome, at, logit)
            said = "".join(judged["reason"].head(1))
            rows += _rows(found, len(people), {**name, **given}, said, at, logit.confidence)
            code = f"end_status:{outcome}_{end_point}_{own}_{at.code}"
            fits.append({"model": code, **given, **found.report(logit.confidence)})
    frame = pd.DataFrame(rows, columns=list(FAILURE_COLUMNS))
    return frame.astype({"landmark": "Int64"}), fits


def outcome_of(status: "pd.Series[str]", outcome: str) -> "pd.Series[float]":
    """Whether each patient has an outcome; NaN where it is not judged.

    `failure` is an end without a reliable improvement, `recovery` a reliable improvement from the
    clinical to the functional range, `deterioration` a reliable change for the worse.

    Parameters
    ----------
    status : Series
        Of `rupture_outcome.engine.reliable_change.classify`.
    outcome : {"failure", "recovery", "deterioration"}

    Examples
    --------
    >>> outcome_of(pd.Series(["improved", "unchanged", "harmed", "not_judged"]), "failure").tolist()
    [0.0, 1.0, 1.0, nan]
    """
    yes = {
        "failure": ~status.isin(BETTER),
        "recovery": status.eq("recovered"),
        "deterioration": status.isin(WORSE),
    }[outcome]
    return yes.astype(float).where(status.ne(NOT_JUDGED))


def exposed(person_sessions: pd.DataFrame, judged: pd.DataFrame, at: At) -> pd.DataFrame:
    """Put beside how each patient ended the state of ruptures that came before.

    Parameters
    ----------
    person_sessions : DataFrame
        Of one definition and repair rule, in order of patient and session.
    judged : DataFrame
        One row a patient: ``patient_id``, ``at`` (the session of the score that is judged),
        ``status``, ``start``, ``event``, ``why``, ``reason``.
    at : At
        Before that session; or at a landmark, of those who came later. A score that is not from
        after the landmark is not judged there.

    Returns
    -------
    DataFrame
        One row a patient followed, with the columns of the last session that counts: ``state``,
        ``therapist_id``, covariates; ``log_sessions`` up to the end.
    """
    rows = person_sessions.drop(columns="event").merge(judged, on="patient_id", how="inner")
    rows[LENGTH] = np.log(rows.groupby("patient_id", observed=True)["time"].transform("size"))
    if at.landmark is None:
        early = rows["session"].lt(rows["at"].fillna(np.inf))
        seen = rows[early].drop_duplicates("patient_id", keep="last")
        return seen.reset_index(drop=True)
    stayed = rows.groupby("patient_id", observed=True)["time"].transform("max").gt(at.landmark)
    seen = rows[stayed & rows["time"].le(at.landmark)].drop_duplicates("patient_id", keep="last")
    late = seen["at"].gt(seen["session"])
    return seen.assign(status=seen["status"].where(late, NOT_JUDGED)).reset_index(drop=True)


def eligible(people: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Leave out whom an outcome cannot happen to: who starts in the functional range for recovery.

    Examples
    --------
    >>> people = pd.DataFrame({"start": ["clinical", "functional", "not_known"]})
    >>> len(eligible(people, "recovery")), len(eligible(people, "failure"))
    (1, 3)
    """
    return people[people["start"].eq(CLINICAL)] if outcome == "recovery" else people


def _each_outcome(
    status: pd.DataFrame, method: Method
) -> Iterator[tuple[tuple[str, Method, str], pd.DataFrame]]:
    keys = ["end_point", "method"]
    for end_point, own in status[keys].drop_duplicates().to_numpy():
        part = status[status["end_point"].eq(end_point) & status["method"].eq(own)]
        for outcome in OUTCOMES if own == method else OUTCOMES[:1]:
            yield (end_point, own, outcome), part.drop(columns=keys)


def _fitted(people: pd.DataFrame, outcome: str, at: At, settings: HazardSettings) -> ExposureFit:
    value = outcome_of(people["status"], outcome)
    judged = people.assign(at_risk=True)[value.notna()]
    judged[outcome] = value.dropna()
    form = Form(outcome, GROUPS, "constant", (LENGTH,) if at.landmark is None else ())
    return fit_exposure(judged, EXPOSURE, STATES, CONTRASTS, settings, form)


def _rows(
    found: ExposureFit,
    followed: int,
    given: Mapping[str, Any],
    said: str,
    at: At,
    confidence: float,
) -> Iterator[dict[str, Any]]:
    outcome = given["outcome"]
    about = "" if at.landmark is not None else DESCRIPTIVE
    for pair in CONTRASTS:
        arms = [found.rows[found.rows[EXPOSURE].eq(state)] for state in pair]
        basis = basis_of(found.rows, arms, outcome)
        estimate = _said(found.estimates[label(pair)], said, outcome)
        yield {
            **given,
            "analysis": at.analysis,
            "landmark": at.landmark,
            **{key: value for key, value in compared(pair).items() if key != "contrast"},
            **ratio_columns(cautioned(estimate.with_reason(about), basis), confidence),
            "patients": basis["patients"],
            "events": basis["events"],
            **_arm(arms[0], outcome, "a"),
            **_arm(arms[1], outcome, "b"),
            "not_judged": followed - basis["patients"],
            "therapists": int(found.rows[GROUPS].nunique()),
            **{key: basis[key] for key in FEWEST},
        }


def _said(found: Estimate, said: str, outcome: str) -> Estimate:
    """Say what holds for all patients; without a cut-off nobody is known to have recovered."""
    if outcome == "recovery" and NO_CUTOFF in said:
        return Estimate(reason=NO_CUTOFF)
    own = said if outcome == "recovery" else without(said, OF_CUTOFFS)
    return replace(found, reason=joined(own, found.reason))


def _arm(arm: pd.DataFrame, outcome: str, which: str) -> dict[str, int]:
    return {f"patients_{which}": len(arm), f"events_{which}": int(arm[outcome].sum())}
