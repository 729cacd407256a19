"""The person-session risk set: who was in treatment, in which state, and what came next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from rupture_outcome.cohort.coded_sessions import code_sessions
from rupture_outcome.cohort.covariates import covariate_name, model_column, standardised
from rupture_outcome.cohort.dropout import EVENTS, dropout_span, ending_event
from rupture_outcome.cohort.dropout_rules import LIMITS, DropoutLimits
from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.engine.reasons import reason
from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.flow import flow_frame, flow_row

CLOCKS = ("attended", "scheduled", "weeks")
DAYS_PER_WEEK = 7
UNIT = "unit_id"
# What is read of scored sessions, and of coded ruptures.
SESSIONS = ("patient_id", "session", "day", "attended", "therapist_id", "symptom")
VERDICTS = ("patient_id", "session", "definition", "verdict")
T = TypeVar("T", pd.DataFrame, pd.Series)


def person_sessions(
    sessions: pd.DataFrame,
    patients: pd.DataFrame,
    endings: pd.DataFrame,
    states: pd.DataFrame,
    ruptures: pd.DataFrame,
    *,
    dropout_definition: str,
    clock: str = "attended",
    covariates: Sequence[str] = ("severity",),
    limits: DropoutLimits = LIMITS,
    instruments: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build the risk set of the hazard models.

    One row a patient, attended session, rupture definition and repair rule. The event of a row is
    what happened after that session and before the next attended one; it can differ from ``none``
    only at the patient's last attended session. From the last planned session on, a patient is
    not at risk of dropout, and a dropout recorded there counts as an agreed ending. Nor is a
    patient at risk where the definition cannot say dropout, see
    `rupture_outcome.cohort.dropout.dropout_span`: a chance that is zero by definition says nothing
    of ruptures. Numeric covariates are standardised over the patients of the risk set.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions, missed ones included: ``patient_id``, ``session``, ``day``, ``attended``,
        ``therapist_id``, and ``symptom`` for definitions that read it.
    patients : DataFrame
        ``patient_id``, ``therapist_id``, ``planned_sessions``, the covariates and, where patients
        are treated together, ``unit_id``.
    endings : DataFrame
        One row a patient, see `rupture_outcome.cohort.treatment_endings.treatment_endings`.
    states : DataFrame
        ``patient_id``, ``session``, ``definition``, ``repair_rule``, ``state`` for every attended
        session.
    ruptures : DataFrame
        ``patient_id``, ``session``, ``definition``, ``verdict``.
    dropout_definition : str
        A key of `rupture_outcome.cohort.dropout_rules.DROPOUT_DEFINITIONS`.
    clock : {"attended", "scheduled", "weeks"}
        What ``time`` counts: attended sessions, scheduled sessions, or whole weeks since intake.
    covariates : sequence of str
        Columns of `patients`. One without any value in the study is left out of the models, and
        the flow says so; otherwise a patient with a missing value leaves the risk set.
    limits : DropoutLimits
        For the definitions of dropout that take one.
    instruments : mapping, optional
        Section `instruments` of the config, for the definition that reads symptoms.

    Returns
    -------
    frame : DataFrame
        ``patient_id``, ``therapist_id`` (of that session), ``session``, ``time``, ``definition``,
        ``repair_rule``, ``state``, ``testable``, the covariates under the names that
        `rupture_outcome.cohort.covariates.model_column` gives, ``event``, ``dropout``,
        ``agreed_ending``, ``at_risk``, and ``unit_id`` where two patients share one; sorted by
        definition, repair rule, patient and session.
    flow : DataFrame
        ``step``, ``reason``, ``patients``, ``sessions``, ``removed_patients``,
        ``removed_sessions``: from the attended sessions on, before they are repeated for
        definitions and rules.

    Raises
    ------
    StudyError
        A covariate or dropout definition that the study does not have, or nobody at risk.
    ValueError
        The clock is unknown, or an attended session has no state.

    Examples
    --------
    b drops out after two of twelve planned sessions:

    >>> sessions = pd.DataFrame({"patient_id": list("aaabb"), "session": [1, 2, 3, 1, 2],
    ...                          "day": [0, 7, 14, 0, 7], "attended": 1, "therapist_id": "x"})
    >>> patients = pd.DataFrame({"patient_id": list("ab"), "therapist_id": "x",
    ...                          "planned_sessions": 12})
    >>> endings = pd.DataFrame({"patient_id": list("ab"), "ending": ["agreed", "dropout"]})
    >>> coded = sessions[["patient_id", "session"]].assign(definition="drop_sd")
    >>> states = coded.assign(repair_rule="half_recovery", state="intact")
    >>> rows, flow = person_sessions(
    ...     sessions, patients, endings, states, coded.assign(verdict="not_detected"),
    ...     dropout_definition="recorded_ending", covariates=(),
    ... )
    >>> rows.loc[rows["patient_id"] == "b", ["time", "state", "event"]].values.tolist()
    [[1, 'intact', 'none'], [2, 'intact', 'dropout']]
    """
    if clock not in CLOCKS:
        raise ValueError(f"unknown clock '{clock}': use one of {', '.join(CLOCKS)}")
    _require_columns(patients, covariates)
    treatments = treatment_endings(sessions, patients, endings, instruments)
    held = _attended_sessions(sessions)
    flow = _Flow(held["patient_id"].nunique(), len(held))
    held = _add_patient_columns(held, patients, covariates)
    columns = [model_column(name) for name in covariates]
    held = _add_event(held, treatments, dropout_definition, limits, flow)
    held = _add_clock(held, clock, flow)
    held = _complete_covariates(held, columns, flow)
    _require_rows(held, flow)
    held = _mark_plan(held, clock, flow)
    held = _mark_span(held, dropout_span(treatments, dropout_definition, limits), flow)
    _require_risk(held, dropout_definition)
    held = standardised(held, columns)
    frame = code_sessions(held, states, ruptures)
    leading = ["patient_id", "therapist_id", "session", "time", "definition", "repair_rule"]
    trailing = ["event", "dropout", "agreed_ending", "at_risk", *([UNIT] if UNIT in frame else [])]
    return frame[[*leading, "state", "testable", *columns, *trailing]], flow_frame(flow.rows)


@dataclass
class _Flow:
    """Collects a row a step; the next step starts where the last one ended."""

    patients: int
    sessions: int
    rows: list[dict[str, Any]] = field(default_factory=list)

    def note(self, step: str, reason: str, left: pd.DataFrame) -> pd.DataFrame:
        patients, sessions = left["patient_id"].nunique(), len(left)
        self.rows.append(flow_row(step, reason, self.sessions, sessions, self.patients, patients))
        self.patients, self.sessions = patients, sessions
        return left


def _require_columns(patients: pd.DataFrame, covariates: Sequence[str]) -> None:
    unknown = [name for name in covariates if name not in patients]
    if unknown:
        found = f"there is no column '{unknown[0]}' in the table patients"
        remedy = "Name columns of patients only; their names are those of the data contract."
        raise StudyError([Problem("config, models.covariates", found, remedy)])


def _require_rows(held: pd.DataFrame, flow: _Flow) -> None:
    if len(held):
        return
    removed = [row["reason"] for row in flow.rows if row["removed_sessions"]]
    words = ", ".join(removed).replace("_", " ").replace(":", ": ")
    found = f"no session is left for the models; removed because: {words}"
    remedy = "Check these columns, or choose another dropout definition or fewer covariates."
    raise StudyError([Problem("risk set", found, remedy)], reason("no_session_left"))


def _attended_sessions(sessions: pd.DataFrame) -> pd.DataFrame:
    columns = ["patient_id", "session", "day", "therapist_id"]
    held = sessions.loc[sessions["attended"].eq(1).fillna(False), columns]
    ids = pd.Categorical(held["patient_id"])
    held = held.assign(patient_id=ids, session=held["session"].astype("int64"))
    held = held.sort_values(["patient_id", "session"], ignore_index=True)
    return held.assign(attended_so_far=held.groupby("patient_id", observed=True).cumcount() + 1)


def _add_clock(held: pd.DataFrame, clock: str, flow: _Flow) -> pd.DataFrame:
    if clock == "weeks":
        days = held["day"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        known = held.assign(time=np.floor(days / DAYS_PER_WEEK))[~np.isnan(days)]
        flow.note("placed_in_time", "day_missing", known)
        return known.astype({"time": "int64"})
    return held.assign(time=held["session" if clock == "scheduled" else "attended_so_far"])


def _add_patient_columns(
    held: pd.DataFrame, patients: pd.DataFrame, covariates: Sequence[str]
) -> pd.DataFrame:
    own = {model_column(name): patients[name] for name in covariates}
    of_patient = patients[["therapist_id", "planned_sessions"]].assign(**own)
    if (units := _shared_units(patients)) is not None:
        of_patient[UNIT] = units
    rows = _of_patient(of_patient.set_axis(pd.Index(patients["patient_id"])), held)
    therapist = held["therapist_id"].astype("string").fillna(rows["therapist_id"].astype("string"))
    held = held.assign(therapist_id=pd.Categorical(therapist))
    return held.join(rows.drop(columns="therapist_id"))


def _shared_units(patients: pd.DataFrame) -> "pd.Categorical[str] | None":
    """Couple, family or group of each patient; None where nobody shares one."""
    if UNIT not in patients or not patients[UNIT].dropna().duplicated().any():
        return None
    return pd.Categorical(patients[UNIT])


def _add_event(
    held: pd.DataFrame,
    treatments: pd.DataFrame,
    definition: str,
    limits: DropoutLimits,
    flow: _Flow,
) -> pd.DataFrame:
    of_row = _of_patient(ending_event(treatments, definition, limits), held)
    is_last = ~held["patient_id"].duplicated(keep="last")
    held = held.assign(event=pd.Categorical(of_row.where(is_last, "none"), categories=EVENTS))
    return flow.note("ending_classified", f"not_classified_by:{definition}", held[of_row.notna()])


def _of_patient(values: T, held: pd.DataFrame) -> T:
    """Repeat what is known of a patient for each session."""
    patient = held["patient_id"].cat
    return values.reindex(patient.categories).take(patient.codes.to_numpy()).set_axis(held.index)


def _mark_plan(held: pd.DataFrame, clock: str, flow: _Flow) -> pd.DataFrame:
    count = held["session"] if clock == "scheduled" else held["attended_so_far"]
    planned = held["planned_sessions"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    delivered = count.to_numpy() >= planned
    contradiction = delivered & held["event"].eq("dropout").to_numpy()
    flow.note(
        "no_contradiction",
        "dropout_after_plan",
        held[~contradiction],
    )
    flow.note("at_risk", "plan_delivered", held[~delivered])
    event = held["event"].mask(contradiction, "agreed_ending")
    return held.assign(event=event, at_risk=~delivered)


def _mark_span(held: pd.DataFrame, span: pd.DataFrame, flow: _Flow) -> pd.DataFrame:
    of_row, count = _of_patient(span, held), held["attended_so_far"]
    possible = held["at_risk"] & (count >= of_row["first"]) & (count < of_row["end"])
    if (possible != held["at_risk"]).any():
        flow.note("dropout_possible", "cannot_be_dropout", held[possible])
    return held.assign(at_risk=possible)


def _require_risk(held: pd.DataFrame, definition: str) -> None:
    if held["at_risk"].any():
        return
    rule = definition.replace("_", " ")
    found = f"nobody is at risk of dropout by {rule}: in every session it is impossible"
    remedy = "Check the planned sessions, or choose another dropout definition in the config."
    raise StudyError([Problem("risk set", found, remedy)], reason("dropout_impossible", definition))


def _complete_covariates(held: pd.DataFrame, columns: Sequence[str], flow: _Flow) -> pd.DataFrame:
    for column in columns:
        name = covariate_name(column)
        if held[column].notna().any():
            held = flow.note(
                f"covariate_known:{name}", f"covariate_missing:{name}", held[held[column].notna()]
            )
        else:
            flow.note(f"covariate_absent:{name}", f"covariate_left_out:{name}", held)
    return held.reset_index(drop=True)
