"""The hazard by state under other models: what the main result depends on, and what it hides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.rupture_history import KINDS, rupture_history
from rupture_outcome.engine.multilevel.nodes import ADAPTIVE, FEWEST
from rupture_outcome.engine.reasons import reason, rounded
from rupture_outcome.estimates.hazard.exposure_hazard import (
    DROPOUT,
    GROUPS,
    ExposureFit,
    Form,
    HazardSettings,
    fit_exposure,
    hardly_tested,
    not_fitted,
)
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS, STATES
from rupture_outcome.estimates.hazard.hazard_rows import (
    MODEL_COLUMNS,
    Pairs,
    exposure_rows,
    slope_rows,
)
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard

NODES = 15
SINCE_OPEN, SINCE_REPAIRED = "since_while_unrepaired", "since_while_repaired"
EARLIER, BY_KIND, BY_WINDOW = "earlier_ruptures", "state_by_kind", "state_by_window"
BEFORE, SHARES = "state_before", {state: f"{state}_of_therapist" for state in STATES[1:]}
WITHIN, BEYOND = "unrepaired_within_window", "unrepaired_beyond_window"
WINDOW_LEVELS = ("intact", WITHIN, BEYOND, "repaired")
WINDOW_PAIRS = (
    ("repaired", WITHIN),
    ("repaired", BEYOND),
    (WITHIN, "intact"),
    (BEYOND, "intact"),
    (BEYOND, WITHIN),
)
TOGETHER = ("couple", "family", "group")
NO_KINDS = reason("no_kinds")
ONE_THERAPIST = reason("one_therapist")
LOOKS_AHEAD = reason("shares_of_all_sessions")
BY_REPAIR, AT_ONCE, LATER = "state_by_repair", "repaired_at_once", "repaired_later"
REPAIR_LEVELS = ("intact", "unrepaired", AT_ONCE, LATER)
REPAIR_PAIRS = (
    (LATER, "unrepaired"),
    (AT_ONCE, "unrepaired"),
    ("unrepaired", "intact"),
    (LATER, AT_ONCE),
)
NOT_SPLIT = {
    BY_KIND: NO_KINDS,
    BY_WINDOW: reason("none_beyond_window"),
    BY_REPAIR: reason("no_repair_at_once"),
}
OTHER_LINK = {"logit": "cloglog", "cloglog": "logit"}
ONE_EVENT = reason("one_event_a_patient")


@dataclass(frozen=True)
class HazardModel:
    """One model of the list, as a departure from the main one.

    Parameters
    ----------
    id : str
        Its name in all results.
    form : Form
        Event, group, baseline and further terms.
    exposure : {"state", "state_before", "state_by_kind", "state_by_window", "state_by_repair"}
        What is compared.
    sessions : {"at_risk", "tested", "all"}
        Which sessions are at risk: before the last planned one; those of them in which a rupture
        could have been seen; all attended.
    other_link, covariates : bool
        Whether to use the link that the config does not name; whether to adjust for covariates.
    nodes : int, optional
        Nodes of the quadrature where not those of the config; `ADAPTIVE` for as many as it takes.
    slopes : mapping of str to str
        What to report of `form.terms`: column and code of the contrast.
    reason : str
        What a reader of the estimates must know.
    """

    id: str
    form: Form = DROPOUT
    exposure: str = "state"
    sessions: str = "at_risk"
    other_link: bool = False
    covariates: bool = True
    nodes: int | None = None
    slopes: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def settings(self, given: HazardSettings) -> HazardSettings:
        """Give the settings of the config with the departures of this model."""
        return replace(
            given,
            link=OTHER_LINK[given.link] if self.other_link else given.link,
            quadrature=given.quadrature if self.nodes is None else self.nodes,
            covariates=given.covariates if self.covariates else (),
        )


MAIN = HazardModel("main")
MODELS = (
    MAIN,
    HazardModel("spline_baseline", Form(baseline="spline")),
    HazardModel("other_link", other_link=True),
    HazardModel("no_covariates", covariates=False),
    HazardModel("quadrature", nodes=NODES),
    HazardModel("tested_sessions", sessions="tested"),
    HazardModel("unit_intercept", Form(groups="unit"), nodes=ADAPTIVE),
    HazardModel("patient_intercept", Form(groups="patient_id"), nodes=ADAPTIVE, reason=ONE_EVENT),
    HazardModel(
        "time_since_rupture",
        Form(terms=(SINCE_OPEN, SINCE_REPAIRED)),
        slopes={
            SINCE_OPEN: "later_while_unrepaired",
            SINCE_REPAIRED: "later_while_repaired",
        },
    ),
    HazardModel(
        "earlier_ruptures", Form(terms=(EARLIER,)), slopes={EARLIER: "one_more_earlier_rupture"}
    ),
    HazardModel("kind_of_rupture", exposure=BY_KIND),
    HazardModel("repair_window", exposure=BY_WINDOW),
    HazardModel(
        "within_therapists",
        Form(terms=tuple(SHARES.values())),
        slopes={column: f"more_{column}" for column in SHARES.values()},
        reason=LOOKS_AHEAD,
    ),
    HazardModel("state_before", exposure=BEFORE),
    HazardModel("time_of_repair", exposure=BY_REPAIR),
    HazardModel("early_agreed_ending", Form(event="agreed_ending")),
    HazardModel("agreed_ending", Form(event="agreed_ending"), sessions="all"),
)


def hazard_models(
    prepared: pd.DataFrame,
    settings: HazardSettings,
    models: Iterable[HazardModel] = MODELS,
    primary_fit: PrimaryHazard | None = None,
) -> tuple[pd.DataFrame, dict[str, ExposureFit]]:
    """Fit every model of the list to one definition and repair rule.

    Parameters
    ----------
    prepared : DataFrame
        Person-sessions of one definition and repair rule, from `prepared_rows`.
    settings : HazardSettings
        Of the main model.
    models : iterable of HazardModel
        Which to fit.
    primary_fit : PrimaryHazard, optional
        Of these rows: the main model, which need not be fitted again.

    Returns
    -------
    effects : DataFrame
        One row a contrast, in the columns `hazard_rows.MODEL_COLUMNS`. A
        model that cannot be fitted has its rows, without an estimate and with the reason.
    fits : dict of str to ExposureFit
        By model.
    """
    untested = hardly_tested(prepared, settings.min_testable)
    found: list[dict[str, Any]] = []
    fits = {}
    for model in models:
        own, chosen = _sessions(prepared, model.sessions), model.settings(settings)
        levels, pairs = _compared(own, model.exposure)
        known = primary_fit.fit if primary_fit and model == MAIN else None
        result = _fit(own, model, levels, pairs, chosen, untested, known)
        given = _leading(model, chosen, result)
        rest = events_beside(prepared, result.rows, model)
        found += exposure_rows(given, result, model.exposure, pairs, chosen.confidence, rest)
        found += slope_rows(given, result, model.slopes, chosen.confidence)
        fits[model.id] = result
    return pd.DataFrame(found, columns=list(MODEL_COLUMNS)), fits


def fit_reports(
    fits: Mapping[str, ExposureFit], primary: Mapping[str, str], confidence: float
) -> list[dict[str, Any]]:
    """Give what an audit of the fits needs, with model, definition and repair rule in front.

    Parameters
    ----------
    fits : mapping of str to ExposureFit
        By model.
    primary : mapping of str to str
        `coding.primary` of the config.
    confidence : float
        Level of the intervals.
    """
    given = {key: primary[key] for key in ("definition", "repair_rule")}
    return [
        {**fit.report(confidence), "model": f"hazard:{id}", **given} for id, fit in fits.items()
    ]


def prepared_rows(
    rows: pd.DataFrame, ruptures: pd.DataFrame, patients: pd.DataFrame
) -> pd.DataFrame:
    """Add what models of the list use: time since the rupture, earlier ones, kind, unit, therapist.

    Times are centred at their median over the sessions at risk with a rupture so far, so that
    states are compared where both occur.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, from
        `rupture_outcome.cohort.risk_set.person_sessions`, with
        `rupture_outcome.cohort.repair_window.beyond_window` where windows are known.
    ruptures : DataFrame
        ``patient_id``, ``session``, ``definition``, ``verdict``, ``kind``: for the kind of each.
    patients : DataFrame
        ``patient_id``, ``format``, ``unit_id``: who was treated together.
    """
    history = rupture_history(rows, ruptures)
    state = rows["state"].astype("str")
    since = history["sessions_since_rupture"]
    centred = since - since[rows["at_risk"]].median()
    added: dict[str, Any] = {
        SINCE_OPEN: centred.where(state.eq("unrepaired"), 0.0),
        SINCE_REPAIRED: centred.where(state.eq("repaired"), 0.0),
        EARLIER: history["earlier_ruptures"].astype(float),
        BY_KIND: _by_kind(state, history["kind_of_rupture"]),
        BY_WINDOW: _by_window(state, rows),
        BEFORE: state.groupby(rows["patient_id"], observed=True).shift(),
        **_shares_of_therapist(rows, state),
        BY_REPAIR: by_time_of_repair(rows, history),
        "unit": _unit(rows["patient_id"], patients),
    }
    return rows.assign(**added)


def _shares_of_therapist(
    rows: pd.DataFrame, state: "pd.Series[str]"
) -> dict[str, "pd.Series[float]"]:
    """Sessions in each state, in tenths of all sessions at risk of the therapist (Mundlak).

    Beside them the state tells of sessions of one therapist. They describe therapists over the
    whole study: later sessions enter, also the patient's own. Shares among a therapist's other
    patients would not look ahead, but leave the effect of the state as biased as without them.
    Who has no named therapist gets the mean of all.
    """
    at_risk = rows["at_risk"].astype(bool)

    def total(values: "pd.Series[bool]") -> "pd.Series[float]":
        return values.astype(float).groupby(rows[GROUPS], observed=True).transform("sum")

    sessions = total(at_risk)
    out = {}
    for level, column in SHARES.items():
        share = 10.0 * total(at_risk & state.eq(level)) / sessions.where(sessions.gt(0))
        out[column] = share.fillna(share[at_risk].mean()).fillna(0.0)
    return out


def _by_kind(state: pd.Series, kind: pd.Series) -> pd.Series:
    """Split the open ruptures by kind; all of one unknown kind stay as they are."""
    if not kind.isin(KINDS[:-1]).any():
        return state
    return state.mask(state.eq("unrepaired"), "unrepaired_" + kind.astype("str"))


def _by_window(state: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Split the open ruptures at the end of the time in which repair is looked for."""
    beyond = rows["beyond_window"] if "beyond_window" in rows else pd.Series(False, rows.index)
    return state.mask(state.eq("unrepaired"), np.where(beyond, BEYOND, WITHIN))


def by_time_of_repair(rows: pd.DataFrame, history: pd.DataFrame) -> pd.Series:
    """Split the repaired by whether the last rupture was repaired in its own session or later.

    Parameters
    ----------
    rows : DataFrame
        Sorted by patient and session: ``patient_id``, ``state``.
    history : DataFrame
        From `rupture_history`.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": "a", "state": ["repaired", "unrepaired", "repaired"]})
    >>> history = pd.DataFrame({"earlier_ruptures": [0, 1, 1]})
    >>> by_time_of_repair(rows, history).tolist()
    ['repaired_at_once', 'unrepaired', 'repaired_later']
    """
    state = rows["state"].astype("str")
    own = [rows["patient_id"], history["earlier_ruptures"]]
    first = state.mask(state.eq("intact")).groupby(own, observed=True).transform("first")
    when = np.where(first.eq("repaired"), AT_ONCE, LATER)
    return state.mask(state.eq("repaired"), pd.Series(when, rows.index))


def beyond_share(rows: pd.DataFrame) -> str:
    """Say what share of sessions with an open rupture lies beyond its window; empty of none.

    Examples
    --------
    >>> beyond_share(pd.DataFrame({"state_by_window": [WITHIN, WITHIN, WITHIN, BEYOND]}))
    'share_beyond_window:0.25'
    """
    is_open = rows.loc[rows[BY_WINDOW].isin([WITHIN, BEYOND]), BY_WINDOW]
    if is_open.empty:
        return ""
    return reason("share_beyond_window", rounded(is_open.eq(BEYOND).mean()))


def _unit(patient: pd.Series, patients: pd.DataFrame) -> "pd.Categorical[object]":
    """Name the couple, family or group of each row; whoever is treated alone is a unit alone."""
    ids = patients["patient_id"].astype("str")
    together = patients["format"].isin(TOGETHER) & patients["unit_id"].notna()
    unit = ("patient " + ids).mask(together, "unit " + patients["unit_id"].astype("str"))
    known = unit.set_axis(ids).reindex(patient.cat.categories.astype("str"))
    codes, units = pd.factorize(known)
    return pd.Categorical.from_codes(codes[patient.cat.codes], pd.Index(units))


def _sessions(rows: pd.DataFrame, which: str) -> pd.DataFrame:
    if which == "all":
        return rows.assign(at_risk=True)
    return rows[rows["testable"]] if which == "tested" else rows


def _compared(rows: pd.DataFrame, exposure: str) -> tuple[list[str], Pairs]:
    """Levels, the reference first, and pairs to compare."""
    if exposure not in NOT_SPLIT:
        return list(STATES), CONTRASTS
    seen = set(rows.loc[rows["at_risk"], exposure])
    if exposure == BY_WINDOW:
        return (list(WINDOW_LEVELS), WINDOW_PAIRS) if BEYOND in seen else ([], CONTRASTS)
    if exposure == BY_REPAIR:
        return (list(REPAIR_LEVELS), REPAIR_PAIRS) if AT_ONCE in seen else ([], CONTRASTS)
    kinds = [level for kind in KINDS if (level := f"unrepaired_{kind}") in seen]
    if not kinds:
        return [], CONTRASTS
    repair = [("repaired", kind) for kind in kinds]
    rupture = [(kind, "intact") for kind in kinds]
    between = [(kind, kinds[0]) for kind in kinds[1:]]
    return ["intact", *kinds, "repaired"], [*repair, *rupture, *between]


def _fit(
    rows: pd.DataFrame,
    model: HazardModel,
    levels: list[str],
    pairs: Pairs,
    settings: HazardSettings,
    untested: str,
    known: Mapping[str, Any] | None,
) -> ExposureFit:
    why = untested or ("" if levels else NOT_SPLIT[model.exposure])
    if set(SHARES.values()) & set(model.form.terms) and rows[GROUPS].nunique() < 2:
        why = why or ONE_THERAPIST
    if why:
        return not_fitted(rows[rows["at_risk"]], pairs, why)
    result = fit_exposure(rows, model.exposure, levels, pairs, settings, model.form, known)
    note = beyond_share(result.rows) if model.exposure == BY_WINDOW else model.reason
    if not note or result.fit is None:
        return result
    noted = {key: found.with_reason(note) for key, found in result.estimates.items()}
    return replace(result, estimates=noted)


def events_beside(rows: pd.DataFrame, own: pd.DataFrame, model: HazardModel) -> dict[str, int]:
    """Count the events that an arm of the main model has beyond those of an arm within it.

    Two estimates tell the events of both arms by their errors, and so those in one and not in
    the other: of sessions that could not be tested, or of the other part of a state.

    Parameters
    ----------
    rows : DataFrame
        Of the main model, with its ``state``.
    own : DataFrame
        Of this one.
    model : HazardModel

    Returns
    -------
    dict of str to int
        By level; empty for a model whose arms are not parts of those of the main one.
    """
    if model.exposure not in ("state", *NOT_SPLIT):
        return {}
    event = model.form.event
    whole = rows[rows["at_risk"]].groupby(rows["state"].astype("str"))[event].sum()
    arms = own.groupby(own[model.exposure].astype("str"))[event].sum()
    return {
        level: int(abs(whole.get(level.partition("_")[0], events) - events))
        for level, events in zip(arms.index.astype(str), arms, strict=True)
    }


def _leading(model: HazardModel, settings: HazardSettings, result: ExposureFit) -> dict[str, Any]:
    nodes = settings.quadrature if result.fit is None else result.fit.quadrature
    return {
        "model": model.id,
        "event": model.form.event,
        "link": settings.link,
        "nodes": nodes or FEWEST,
        "groups": model.form.groups,
    }
