"""What each definition finds, and what chance gives, as its threshold moves."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rupture_outcome.coding.detect import apply_all, estimate, ruptures_frame
from rupture_outcome.coding.inputs import (
    ChosenDefinition,
    Config,
    build_panel,
    chosen_definitions,
)
from rupture_outcome.coding.rules import Threshold
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import Verdicts
from rupture_outcome.estimates.agreement.accuracy import panel_accuracy
from rupture_outcome.estimates.prevalence.chance import expected_detections
from rupture_outcome.estimates.prevalence.no_change import expected_without_change

STEPS = 8
CODES = ["patient_id", "session", "definition", "parameter", "value", "verdict"]
COLUMNS = [
    *("definition", "parameter", "value", "sessions_testable", "sessions_detected", "rate"),
    *("expected_by_chance", "expected_without_change", "sensitivity", "specificity", "in_use"),
]


@dataclass(frozen=True)
class Variant:
    """A definition at one value of its threshold.

    Parameters
    ----------
    definition : str
        Its name in the config.
    parameter : str
        What is varied, `rules.Threshold.code`.
    value : float
        NaN where the threshold is not used (a report counts whatever the tension).
    in_use : bool
        Whether the config has this value.
    chosen : ChosenDefinition
        The definition with this value, under a name of its own.
    constants : dict of str to float
        Its scale constants.
    """

    definition: str
    parameter: str
    value: float
    in_use: bool
    chosen: ChosenDefinition
    constants: dict[str, float]

    @property
    def id(self) -> str:
        """Name that no other variant has."""
        return self.chosen.rule.id


def threshold_sweep(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Config,
    coding: Config,
    *,
    rng: np.random.Generator,
    truth: pd.DataFrame | None = None,
    markers: pd.DataFrame | None = None,
    permutations: int = 100,
    tolerance: int = 2,
) -> pd.DataFrame:
    """Code all sessions at every value of each definition's threshold.

    All values share the same shuffled and simulated courses, so that what is expected changes with
    the threshold only.

    Parameters
    ----------
    sessions : pandas.DataFrame
        Scored sessions.
    ratings : pandas.DataFrame or None
        Observer ratings.
    instruments, coding : mapping
        These sections of the config; definitions without a threshold are left out.
    rng : numpy.random.Generator
        For both expectations.
    truth : pandas.DataFrame, optional
        Latent states of simulated sessions (`accuracy`).
    markers : pandas.DataFrame, optional
        Observers' markers.
    permutations : int
        Shuffled, and simulated, studies that the expectations are averaged over.
    tolerance : int
        Of `accuracy`.

    Returns
    -------
    pandas.DataFrame
        One row a definition and value, ascending (last: threshold not used): definition, parameter,
        value, sessions_testable, sessions_detected, rate, expected_by_chance and
        expected_without_change (detections; missing for reports and observer ratings),
        sensitivity and specificity (missing without truth), in_use.
    """
    panel, variants = _prepared(sessions, ratings, instruments, coding, markers)
    if not variants:
        return pd.DataFrame({column: [] for column in COLUMNS})
    chosen = [v.chosen for v in variants]
    constants = {v.id: v.constants for v in variants}
    verdicts = apply_all(panel, chosen, constants)
    chance = expected_detections(panel, chosen, constants, rng=rng, permutations=permutations)
    still = expected_without_change(
        panel, chosen, constants, instruments, rng=rng, replicates=permutations
    )
    table = pd.DataFrame([_row(*pair) for pair in zip(variants, verdicts, strict=True)])
    ids = [v.id for v in variants]
    table["expected_by_chance"] = [chance.get(name, np.nan) for name in ids]
    table["expected_without_change"] = [still.get(name, np.nan) for name in ids]
    table[["sensitivity", "specificity"]] = np.nan
    if truth is not None:
        found = panel_accuracy(panel, verdicts, truth, tolerance=tolerance)
        known = found[["sensitivity", "specificity"]].to_numpy()
        table[["sensitivity", "specificity"]] = known
    return table[COLUMNS]


def swept_codes(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Config,
    coding: Config,
    patients: Collection[Hashable] | None = None,
    markers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Verdict on every attended session at every value of each definition's threshold.

    Parameters
    ----------
    sessions, ratings, instruments, coding
        As in `threshold_sweep`; scale constants come from all sessions.
    patients : collection, optional
        Whose sessions to code; all if not given.
    markers : pandas.DataFrame, optional
        Observers' markers.

    Returns
    -------
    pandas.DataFrame
        patient_id, session, definition, parameter, value, verdict; the values of
        `threshold_sweep`, in its order.
    """
    panel, variants = _prepared(sessions, ratings, instruments, coding, markers)
    if not variants:
        return pd.DataFrame({column: [] for column in CODES})
    if patients is not None:
        own = sessions[sessions["patient_id"].isin(list(patients))]
        panel = build_panel(own, ratings, instruments, coding, panel.columns, markers)
    verdicts = apply_all(panel, [v.chosen for v in variants], {v.id: v.constants for v in variants})
    codes = ruptures_frame(panel, [v.id for v in variants], verdicts)
    codes["parameter"] = np.repeat([v.parameter for v in variants], len(panel))
    codes["value"] = np.repeat([v.value for v in variants], len(panel))
    codes["definition"] = np.repeat([v.definition for v in variants], len(panel))
    return codes[CODES]


def variants_of(panel: Panel, chosen: ChosenDefinition, instruments: Config) -> list[Variant]:
    """Give a definition every value of its threshold; none if it has no threshold to move.

    Parameters
    ----------
    panel : Panel
        With the columns that the definition needs.
    chosen : ChosenDefinition
    instruments : mapping
        This section of the config.
    """
    threshold = chosen.rule.threshold
    if threshold is None:
        return []
    parameter = threshold.parameter
    constants = _estimated(panel, chosen, instruments)
    given = (constants if threshold.grid is None else chosen.parameters)[parameter]
    now = np.nan if given is None else float(given)
    values = steps_around(now) if threshold.grid is None else threshold.grid
    if np.isnan(panel[_column(chosen, parameter)]).all():
        values = ()
    grid = sorted(value for value in {*values, now} if not np.isnan(value))
    if np.isnan(now) or parameter in chosen.rule.needs_with:
        grid.append(np.nan)
    return [
        _variant(panel, chosen, instruments, threshold, value, _same(value, now)) for value in grid
    ]


def steps_around(now: float) -> tuple[float, ...]:
    """Give steps of 1, 2 or 5 times a power of ten, from one step to twice a threshold.

    Examples
    --------
    >>> steps_around(3.3)
    (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0)
    """
    if not now > 0:
        return ()
    power = 10.0 ** np.floor(np.log10(now / STEPS))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= now / STEPS)
    return tuple(round(float(n * step), 9) for n in range(1, int(np.ceil(2 * now / step)) + 1))


def _prepared(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Config,
    coding: Config,
    markers: pd.DataFrame | None,
) -> tuple[Panel, list[Variant]]:
    moving = [c for c in chosen_definitions(coding) if c.rule.threshold is not None]
    columns = [column for c in moving for column in _columns(c)]
    panel = build_panel(sessions, ratings, instruments, coding, columns, markers)
    return panel, [v for c in moving for v in variants_of(panel, c, instruments)]


def _columns(chosen: ChosenDefinition) -> Iterable[str]:
    return [*chosen.rule.columns(chosen.parameters), *chosen.rule.needs_with.values()]


def _column(chosen: ChosenDefinition, parameter: str) -> str:
    """Column that the threshold is compared with."""
    first: Sequence[str] = chosen.rule.columns(chosen.parameters)
    return chosen.rule.needs_with.get(parameter, first[0])


def _estimated(panel: Panel, chosen: ChosenDefinition, instruments: Config) -> dict[str, float]:
    return {name: c.value for name, c in estimate(panel, chosen, instruments).items()}


def _variant(
    panel: Panel,
    chosen: ChosenDefinition,
    instruments: Config,
    threshold: Threshold,
    value: float,
    in_use: bool,
) -> Variant:
    name = chosen.rule.id
    constant, parameter = threshold.grid is None, threshold.parameter
    given = {} if constant else {parameter: None if np.isnan(value) else value}
    rule = chosen.rule.called(f"{name} {value!r}")
    at = ChosenDefinition(rule, {**chosen.parameters, **given})
    constants = _estimated(panel, at, instruments)
    if constant:
        constants[parameter] = value
    return Variant(name, threshold.code, value, in_use, at, constants)


def _same(a: float, b: float) -> bool:
    return a == b or bool(np.isnan(a) and np.isnan(b))


def _row(variant: Variant, verdicts: Verdicts) -> dict[str, object]:
    testable, detected = int(verdicts.testable.sum()), int(verdicts.detected.sum())
    return {
        "definition": variant.definition,
        "parameter": variant.parameter,
        "value": variant.value,
        "sessions_testable": testable,
        "sessions_detected": detected,
        "rate": detected / testable if testable else np.nan,
        "in_use": variant.in_use,
    }
