"""A few courses coded under every definition, to show where definitions disagree."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from rupture_outcome.coding.inputs import (
    ChosenDefinition,
    Config,
    build_panel,
    chosen_definitions,
)
from rupture_outcome.coding.rules import DEFAULT_SOURCE
from rupture_outcome.coding.scales import constants_of, instrument_of
from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.estimates.cases.case_choice import AMONG, ROLES, choose_cases
from rupture_outcome.estimates.prevalence.threshold_sweep import swept_codes, variants_of

KEYS = ["patient_id", "session"]
VARIANT = ["definition", "parameter", "value"]
DTYPES = {
    **{"case": "int64", "role": "str", "session": "int64", "attended": "int64"},
    **{"score": "float64", "previous": "float64", "definition": "str", "class": "str"},
    **{"source": "str", "observed": "float64", "limit": "float64", "parameter": "str"},
    **{"value": "float64", "verdict": "str", "reason": "str", "kind": "str"},
    **{"true_state": "str", "true_onset": "float64"},
}


def coded_cases(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    ruptures: pd.DataFrame,
    scales: pd.DataFrame,
    instruments: Config,
    coding: Config,
    *,
    markers: pd.DataFrame | None = None,
    truth: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Put all that is coded of four chosen courses into one frame.

    Courses of single patients: for simulated studies, or where the owner of the data allows it.

    Parameters
    ----------
    sessions : pandas.DataFrame
        Scored sessions.
    ratings, markers : pandas.DataFrame or None
        Of observers.
    ruptures, scales : pandas.DataFrame
        From `code_ruptures`.
    instruments, coding : mapping
        These sections of the config.
    truth : pandas.DataFrame, optional
        Latent states of simulated sessions: patient_id, session, latent_state, latent_onset.

    Returns
    -------
    pandas.DataFrame
        One row a case, definition and scheduled session, and one more for every value of the
        definition's threshold (`threshold_sweep`):

        case (1–4), role (`case_choice.ROLES`), session, attended (0 for a missed one),
        score (alliance by the patient), previous (score it may be compared with),
        definition, class, source (column the definition looks at), observed (its value: a score,
        tension or salience), limit (`rules.Definition`; missing where it cannot be tested),
        parameter and value (missing: as configured; a value may be missing with a parameter too:
        the threshold not used), verdict, reason, kind (missing for a missed session), true_state,
        true_onset (missing without truth). No identifier of a patient.
    """
    asked = chosen_definitions(coding)
    columns = {DEFAULT_SOURCE, *(c for d in asked for c in _columns(d))}
    scored = build_panel(sessions, None, instruments, coding, [DEFAULT_SOURCE])
    looked_at = ruptures[ruptures["patient_id"].isin(scored.ids[:AMONG])]
    counts = _counts(looked_at, asked)
    chosen = choose_cases(scored, DEFAULT_SOURCE, counts, _top(instruments))
    if not chosen:
        return no_cases()
    of_cases = sessions[sessions["patient_id"].isin(list(chosen.values()))]
    panel = build_panel(of_cases, ratings, instruments, coding, sorted(columns), markers)
    own = ruptures[ruptures["patient_id"].isin(list(chosen.values()))]
    configured = _verdicts(own, asked)
    swept = swept_codes(sessions, ratings, instruments, coding, chosen.values(), markers)
    swept = swept.astype({"definition": "str", "parameter": "str", "verdict": "str"})
    verdicts = pd.concat([configured, swept], ignore_index=True)
    whole = build_panel(sessions, ratings, instruments, coding, sorted(columns), markers)
    seen = pd.concat([_seen(panel, c, instruments) for c in asked], ignore_index=True)
    limits = [_limits(panel, whole, c, scales, instruments) for c in asked]
    frame = _scheduled(of_cases, chosen, panel, instruments).merge(_variants(verdicts), how="cross")
    frame = frame.merge(verdicts, "left", [*KEYS, *VARIANT])
    frame = frame.merge(seen, "left", [*KEYS, "definition"])
    frame = frame.merge(pd.concat(limits), "left", [*KEYS, *VARIANT])
    frame["limit"] = frame["limit"].mask(frame["verdict"].isin(["not_testable"]))
    return _typed(_with_truth(frame, truth))


def no_cases() -> pd.DataFrame:
    """Give the frame of a study of which no single course may be shown."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in DTYPES.items()})


def _columns(chosen: ChosenDefinition) -> Sequence[str]:
    return [*chosen.rule.columns(chosen.parameters), *chosen.rule.needs_with.values()]


def _top(instruments: Config) -> float:
    instrument = instrument_of(DEFAULT_SOURCE, instruments)
    return instrument.high if instrument.direction > 0 else -instrument.low


def _counts(ruptures: pd.DataFrame, asked: Sequence[ChosenDefinition]) -> pd.DataFrame:
    """Count the definitions that detect a rupture in each session, and that could be applied."""
    found, name = ruptures["verdict"].eq("detected"), ruptures["definition"].astype(str)
    scored = {c.rule.id for c in asked if c.rule.scored and c.source == DEFAULT_SOURCE}
    other = {c.rule.id for c in asked if not c.rule.scored}
    counts = {
        "by_score": found & name.isin(scored),
        "by_report": found & name.isin(other),
        "testable": ruptures["verdict"].ne("not_testable"),
    }
    return ruptures[KEYS].assign(**counts).groupby(KEYS)[list(counts)].sum()


def _verdicts(own: pd.DataFrame, asked: Sequence[ChosenDefinition]) -> pd.DataFrame:
    """Verdicts under the config, definitions in its order."""
    text = {"definition": "str", "verdict": "str", "reason": "str", "kind": "str"}
    order = {c.rule.id: i for i, c in enumerate(asked)}
    rows = own[[*KEYS, *text]].astype(text).assign(parameter="", value=np.nan)
    return rows.sort_values("definition", key=lambda name: name.map(order), kind="stable")


def _variants(verdicts: pd.DataFrame) -> pd.DataFrame:
    return verdicts[VARIANT].drop_duplicates()


def _seen(panel: Panel, chosen: ChosenDefinition, instruments: Config) -> pd.DataFrame:
    """Read what a definition looks at in each session."""
    source, observed = _observed(panel, chosen)
    names = {"definition": chosen.rule.id, "class": chosen.rule.kind_class, "source": source}
    sign = instrument_of(source, instruments).direction
    return _by_session(panel).assign(**names, observed=sign * observed)


def _limits(
    panel: Panel,
    whole: Panel,
    chosen: ChosenDefinition,
    scales: pd.DataFrame,
    instruments: Config,
) -> pd.DataFrame:
    """Limits of a definition as configured and at every value of its threshold."""
    sign = instrument_of(_observed(panel, chosen)[0], instruments).direction
    used = [("", np.nan, chosen, constants_of(scales, chosen.rule.id))]
    swept = variants_of(whole, chosen, instruments)
    used += [(v.parameter, v.value, v.chosen, v.constants) for v in swept]
    parts = [
        _by_session(panel).assign(
            definition=chosen.rule.id,
            parameter=parameter,
            value=value,
            limit=sign * one.limit(panel, constants),
        )
        for parameter, value, one, constants in used
    ]
    return pd.concat(parts, ignore_index=True)


def _by_session(panel: Panel) -> pd.DataFrame:
    return pd.DataFrame({"patient_id": panel.patient_ids, "session": panel.session})


def _observed(panel: Panel, chosen: ChosenDefinition) -> tuple[str, Floats]:
    if chosen.rule.scored:
        return chosen.source, panel[chosen.source]
    column = _columns(chosen)[-1]
    if chosen.rule.base == "observer":
        salience = np.fmax(panel["observer_withdrawal"], panel["observer_confrontation"])
        return "observer_salience", salience
    if chosen.rule.base == "observer_markers":
        return chosen.rule.base, np.sum([panel[one] for one in _columns(chosen)], axis=0)
    return column, panel[column]


def _scheduled(
    of_cases: pd.DataFrame, chosen: Mapping[str, Hashable], panel: Panel, instruments: Config
) -> pd.DataFrame:
    """Scheduled sessions of the cases up to the last attended one, in the order of cases."""
    sign = instrument_of(DEFAULT_SOURCE, instruments).direction
    score = panel[DEFAULT_SOURCE]
    known = pd.DataFrame(
        {
            "patient_id": panel.patient_ids,
            "session": panel.session,
            "score": sign * score,
            "previous": sign * panel.previous(score),
        }
    )
    role_of = {who: role for role, who in chosen.items()}
    rows = of_cases[KEYS].merge(known.assign(attended=1), "left", KEYS).sort_values(KEYS)
    last = known.groupby("patient_id")["session"].max()
    rows = rows[rows["session"] <= rows["patient_id"].map(last)]
    rows["role"] = rows["patient_id"].map(role_of)
    rows["case"] = rows["role"].map({role: i for i, role in enumerate(ROLES, 1)})
    rows["attended"] = rows["attended"].fillna(0)
    return rows.sort_values(["case", "session"], kind="stable")


def _with_truth(frame: pd.DataFrame, truth: pd.DataFrame | None) -> pd.DataFrame:
    if truth is None:
        return frame.assign(true_state=None, true_onset=np.nan)
    names = {"latent_state": "true_state", "latent_onset": "true_onset"}
    return frame.merge(truth[[*KEYS, *names]].rename(columns=names), "left", KEYS)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    named = frame.groupby("definition")[["class", "source"]].transform("first")
    frame = frame.assign(**named, parameter=frame["parameter"].replace("", None))
    order = {name: i for i, name in enumerate(dict.fromkeys(frame["definition"]))}
    keys = ["case", "definition", "parameter", "value", "session"]
    frame = frame.assign(_definition=frame["definition"].map(order))
    keys[1] = "_definition"
    frame = frame.sort_values(keys, na_position="first", ignore_index=True)
    return frame[list(DTYPES)].astype(DTYPES)
