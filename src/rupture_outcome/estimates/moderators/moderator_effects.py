"""Whether the effect of repair on dropout differs between kinds of patients and of ruptures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import joined, reason
from rupture_outcome.estimates.effect_rows import (
    BASIS,
    ESTIMATED,
    FEWEST,
    SPECIFIED,
    Specification,
    basis_of,
    effect_row,
)
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, hardly_tested
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard
from rupture_outcome.estimates.moderators.levels import Moderator, holm
from rupture_outcome.estimates.moderators.moderator_fit import (
    CONTRASTS,
    NESTINGS,
    JointTest,
    ModeratorFit,
    fit_moderator,
)

ANALYSIS = "moderator"
ALL = "all"
NOT_RECORDED = "not_recorded"
LEFT_OUT = reason("level_left_out")
PER_PARAMETER, FEW_EVENTS, FEW_UNITS = 10, 10, 20
COLUMNS = (
    *("moderator", "level", "nested_in", *SPECIFIED, "contrast", *ESTIMATED, *BASIS),
    *("joint_statistic", "joint_df", "joint_p", "joint_p_holm"),
    *("converged", "reason", "state_a", "state_b"),
)
# Not published: dropouts in the two states compared, which say with `FEWEST` what it rests on.
CELLS = ("events_first", "events_second")


def moderator_effects(
    rows: pd.DataFrame,
    moderators: Sequence[Moderator],
    units: np.ndarray,
    primary: tuple[str, str],
    dropout_definition: str,
    settings: HazardSettings,
    primary_fit: PrimaryHazard | None = None,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Estimate effects of the state of ruptures within levels, and test whether they are the same.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, those not at risk included.
    moderators : sequence of Moderator
        From `moderators_of`; levels in these rows.
    units : array, shape (rows,)
        From `units_of`.
    primary : (str, str)
        Definition and repair rule, for the columns of these names.
    dropout_definition : str
        For the column of that name.
    settings : HazardSettings
        How to fit.
    primary_fit : PrimaryHazard, optional
        Of these rows: the fit in all patients, which need not be made again.

    Returns
    -------
    effects : DataFrame
        `COLUMNS`, `CELLS` and `FEWEST`. First the effects in all patients (moderator and level
        "all"), then one row a level, contrast and nesting. ``patients``, ``sessions`` and
        ``events`` are at risk in that level, over all states (in ruptures, where the moderator is
        one of ruptures).
        The joint test asks whether a contrast is the same in all levels that have an estimate;
        Holm's adjustment is for the moderators tested, for one contrast and nesting.
    fits : list of dict
        One entry a fit.
    """
    at_risk = rows["at_risk"].to_numpy(dtype=bool)
    untested = hardly_tested(rows, settings.min_testable)
    everyone = Moderator(ALL, pd.Series(ALL, rows.index).astype("category"))
    given = Specification(ANALYSIS, *primary, dropout_definition, settings.link)
    table: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    for one in (everyone, *moderators):
        why = one.reason or untested
        here = rows[at_risk]
        moderator = Moderator(one.name, _used(one.level[at_risk]), one.of_rupture, why)
        if why:
            table += _marked(given, moderator, here, settings)
            continue
        known = primary_fit.fit if primary_fit and one is everyone else None
        result = fit_moderator(here, moderator, units[at_risk], settings, known)
        table += _rows(given, moderator, here, units[at_risk], result, settings)
        fits.append(_report(given, moderator, result, settings))
    effects = pd.DataFrame(table, columns=[*COLUMNS, *CELLS, *FEWEST])
    return _with_holm(effects), fits


def _used(level: pd.Series) -> pd.Series:
    return level.cat.remove_unused_categories()


def _rows(
    given: Specification,
    moderator: Moderator,
    rows: pd.DataFrame,
    units: np.ndarray,
    result: ModeratorFit,
    settings: HazardSettings,
) -> list[dict[str, Any]]:
    events = result.cells.set_index(["state", "level"])["events"]
    table = []
    for level in moderator.level.cat.categories:
        inside = moderator.level.eq(level).to_numpy()
        here = rows[inside]
        few_units = _few_units(here, units[inside])
        for nesting in NESTINGS:
            for pair in CONTRASTS:
                estimate = result.estimates[nesting, pair, str(level)]
                cells = [int(events[state, str(level)]) for state in pair]
                arms = [here[here["state"].eq(state)] for state in pair]
                sizes = basis_of(here, arms, "dropout")
                if estimate.known:
                    estimate = estimate.with_reason(_thin(result, cells))
                    estimate = estimate.with_reason(few_units if nesting == "unit" else "")
                row = _row(given, moderator, str(level), nesting, pair, estimate, sizes, settings)
                table.append(row | _joint_columns(result.tests[nesting, pair]) | _cells(cells))
    return table + _not_recorded(given, moderator, rows, settings)


def _thin(result: ModeratorFit, cells: Sequence[int]) -> str:
    """Warn of an estimate that rests on little."""
    few = reason("few_dropouts") if min(cells) < FEW_EVENTS else ""
    model = result.fit.events_per_parameter < PER_PARAMETER
    thin = reason("thin_model") if model else ""
    return joined(few, thin)


def _few_units(rows: pd.DataFrame, units: np.ndarray) -> str:
    n = len(np.unique(units))
    if n == rows["patient_id"].nunique() or n >= FEW_UNITS:
        return ""
    return reason("few_units")


def _not_recorded(
    given: Specification, moderator: Moderator, rows: pd.DataFrame, settings: HazardSettings
) -> list[dict[str, Any]]:
    """Count what is left out because the level is missing: sessions with a rupture, where of it."""
    missing = moderator.level.isna().to_numpy()
    if moderator.of_rupture:
        missing = missing & rows["state"].ne("intact").to_numpy()
    if not missing.any():
        return []
    sizes = _sizes(rows[missing])
    why = Estimate(reason=LEFT_OUT)
    return [
        _row(given, moderator, NOT_RECORDED, nesting, pair, why, sizes, settings)
        | _joint_columns(JointTest())
        | _cells((0, 0))
        for nesting in NESTINGS
        for pair in CONTRASTS
    ]


def _marked(
    given: Specification, moderator: Moderator, rows: pd.DataFrame, settings: HazardSettings
) -> list[dict[str, Any]]:
    """One row a contrast and nesting that says why nothing was fitted."""
    sizes = _sizes(rows)
    why = Estimate(reason=moderator.reason)
    return [
        _row(given, moderator, ALL, nesting, pair, why, sizes, settings)
        | _joint_columns(JointTest())
        | _cells((0, 0))
        for nesting in NESTINGS
        for pair in CONTRASTS
    ]


def _row(
    given: Specification,
    moderator: Moderator,
    level: str,
    nesting: str,
    pair: tuple[str, str],
    estimate: Estimate,
    sizes: dict[str, int],
    settings: HazardSettings,
) -> dict[str, Any]:
    row = effect_row(given, ANALYSIS, pair, estimate, confidence=settings.confidence, **sizes)
    return row | {"moderator": moderator.name, "level": level, "nested_in": nesting}


def _sizes(rows: pd.DataFrame) -> dict[str, int]:
    return {
        "patients": int(rows["patient_id"].nunique()),
        "sessions": len(rows),
        "events": int(rows["dropout"].sum()),
    }


def _joint_columns(test: JointTest) -> dict[str, float]:
    df = test.df if np.isfinite(test.p) else np.nan
    return {"joint_statistic": test.statistic, "joint_df": df, "joint_p": test.p}


def _cells(events: Sequence[int]) -> dict[str, int]:
    return dict(zip(CELLS, events, strict=True))


def _with_holm(effects: pd.DataFrame) -> pd.DataFrame:
    """Adjust the joint tests of one contrast and nesting for the number of moderators tested."""
    adjusted = pd.Series(np.nan, index=effects.index)
    for _, part in effects.groupby(["nested_in", "state_a", "state_b"]):
        p = part.groupby("moderator", sort=False)["joint_p"].first()
        adjusted[part.index] = (
            part["moderator"]
            .map(holm({str(key): float(value) for key, value in p.items()}))
            .astype(float)
        )
    known = adjusted.where(effects["joint_p"].notna())
    return effects.assign(joint_p_holm=known, joint_df=effects["joint_df"].astype("Int64"))


def _report(
    given: Specification, moderator: Moderator, result: ModeratorFit, settings: HazardSettings
) -> dict[str, Any]:
    own = moderator.name != ALL
    key = {
        "model": f"state_by_moderator:{moderator.name}" if own else "state_therapists",
        "definition": given.definition,
        "repair_rule": given.repair_rule,
    }
    if result.fit is None:
        return {**key, "converged": False, "reason": result.reason}
    report = result.fit.to_dict(alpha=1.0 - settings.confidence)
    return {**key, **report, "reason": result.reason}
