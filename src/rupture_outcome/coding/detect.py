"""Coding of ruptures: every chosen definition's verdict on every attended session."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rupture_outcome.coding.inputs import (
    ChosenDefinition,
    Config,
    build_panel,
    check_needs,
    chosen_definitions,
    stop_if_any,
)
from rupture_outcome.coding.scales import (
    Constants,
    constants_of,
    instrument_of,
    scales_frame,
)
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import KINDS, REASONS, VERDICTS, Codes, Verdicts, named


def code_ruptures(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Config,
    coding: Config,
    markers: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Code every attended session under every definition that the config asks for.

    Parameters
    ----------
    sessions : pandas.DataFrame
        Scored sessions, one row a patient and scheduled session.
    ratings : pandas.DataFrame or None
        Observer ratings, one row a rater and session; read by definitions that observers decide.
    instruments, coding : mapping
        These sections of the config.
    markers : pandas.DataFrame, optional
        Observers' markers, one row a rater, segment and marker; read by `observer_markers` only.

    Returns
    -------
    ruptures : pandas.DataFrame
        One row a definition and attended session, in the order of the config, then of patients
        and sessions: patient_id, session, definition, verdict, reason, kind.
    scales : pandas.DataFrame
        definition, constant, value, n: what was estimated once for the whole study.

    Raises
    ------
    StudyError
        An unknown definition or parameter, or a column that a definition needs is empty.

    Examples
    --------
    A reliable fall is one of 1.96 · √2 · 10.5 · √0.039 = 5.7 points:

    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3, 4], "attended": [1, 1, 0, 1],
    ...                       "alliance_patient": [50.0, 38, None, 41]})
    >>> coding = {"definitions": {"drop_rci": {"sd": 10.5, "reliability": 0.961}}}
    >>> ruptures, scales = code_ruptures(frame, None, {}, coding)
    >>> ruptures[["session", "verdict", "reason"]].astype(object).values.tolist()
    [[1, 'not_testable', 'first_session'], [2, 'detected', nan], [4, 'not_testable', 'gap']]
    >>> scales.set_index("constant")["value"].round(3).to_dict()
    {'sd': 10.5, 'reliability': 0.961, 'threshold': 5.748}
    """
    chosen = chosen_definitions(coding)
    columns = [column for c in chosen for column in c.rule.columns(c.parameters)]
    panel = build_panel(sessions, ratings, instruments, coding, columns, markers)
    stop_if_any(p for c in chosen for p in check_needs(panel, c.rule, c.parameters))
    scales = scales_frame({c.rule.id: estimate(panel, c, instruments) for c in chosen})
    constants = {c.rule.id: constants_of(scales, c.rule.id) for c in chosen}
    verdicts = apply_all(panel, chosen, constants)
    return ruptures_frame(panel, [c.rule.id for c in chosen], verdicts), scales


def estimate(panel: Panel, chosen: ChosenDefinition, instruments: Config) -> Constants:
    """Estimate a definition's scale constants from the whole study.

    Parameters
    ----------
    panel : Panel
        With the definition's source.
    chosen : ChosenDefinition
    instruments : mapping
        This section of the config.

    Returns
    -------
    mapping of str to Constant
        In points of the score; empty for a definition that needs none.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": list("aabb"), "session": [1, 2, 1, 2],
    ...                       "alliance_patient": [50, 40, 30, 30]})
    >>> panel = Panel.from_sessions(frame, ["alliance_patient"])
    >>> [chosen] = chosen_definitions({"definitions": {"drop_sd": {"k": 2, "sd": "within"}}})
    >>> estimate(panel, chosen, {})["threshold"].value
    10.0
    """
    if chosen.rule.constants is None:
        return {}
    instrument = instrument_of(chosen.source, instruments)
    with chosen.rule.under_its_name():
        constants: Constants = chosen.rule.constants(panel, instrument, **chosen.parameters)
    return constants


def apply(panel: Panel, chosen: ChosenDefinition, constants: Mapping[str, float]) -> Verdicts:
    """Apply one definition with given scale constants.

    Parameters
    ----------
    panel : Panel
        With the columns that the definition needs.
    chosen : ChosenDefinition
    constants : mapping of str to float
        From `estimate`, in points of the score.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2], "alliance_patient": [50, 40]})
    >>> [chosen] = chosen_definitions({"definitions": {"drop_sd": {}}})
    >>> panel = Panel.from_sessions(frame, ["alliance_patient"])
    >>> apply(panel, chosen, {"threshold": 10.0}).detected.tolist()  # a tie counts
    [False, True]
    """
    with chosen.rule.under_its_name():
        verdicts: Verdicts = chosen.rule.function(panel, constants, **chosen.parameters)
    return verdicts


def apply_all(
    panel: Panel,
    chosen: Sequence[ChosenDefinition],
    constants: Mapping[str, Mapping[str, float]],
) -> list[Verdicts]:
    """Apply several definitions, block by block of patients: none looks beyond one patient.

    Parameters
    ----------
    panel : Panel
        With the columns that the definitions need.
    chosen : sequence of ChosenDefinition
    constants : mapping of str to mapping of str to float
        By definition, in points of the score.

    Returns
    -------
    list of Verdicts
        In the order of `chosen`, on all rows of the panel.
    """
    blocks = [
        [apply(block, c, constants[c.rule.id]) for c in chosen] for _, block in panel.blocks()
    ]
    return [Verdicts.joined(parts) for parts in zip(*blocks, strict=True)]


def ruptures_frame(
    panel: Panel, names: Sequence[str], verdicts: Sequence[Verdicts]
) -> pd.DataFrame:
    """Put several definitions' verdicts on one panel below each other.

    Parameters
    ----------
    panel : Panel
    names : sequence of str
        Definitions, as in the config.
    verdicts : sequence of Verdicts
        One a definition, on the rows of the panel.

    Returns
    -------
    pandas.DataFrame
        As from `code_ruptures`.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2]})
    >>> seen = Verdicts.of(np.array([False, True]), np.array([0, -1], np.int8))
    >>> coded = ruptures_frame(Panel.from_sessions(frame, []), ["drop_sd"], [seen])
    >>> coded[["definition", "verdict"]].values.tolist()
    [['drop_sd', 'not_testable'], ['drop_sd', 'detected']]
    """
    n = len(names)
    patient_id, session = panel.repeated(n)
    return pd.DataFrame(
        {
            "patient_id": patient_id,
            "session": session,
            "definition": named(np.repeat(np.arange(n, dtype=np.int8), len(panel)), names),
            "verdict": named(np.concatenate([v.verdict for v in verdicts]), VERDICTS),
            "reason": named(np.concatenate([v.reason for v in verdicts]), REASONS),
            "kind": named(np.concatenate([v.kind for v in verdicts]), KINDS),
        },
        copy=False,
    )


def verdicts_of(ruptures: pd.DataFrame, definition: str, panel: Panel) -> Verdicts:
    """Read one definition's verdicts back from the frame, on the rows of a panel.

    Parameters
    ----------
    ruptures : pandas.DataFrame
        From `code_ruptures`.
    definition : str
        Its name in the config.
    panel : Panel
        Of the same sessions.

    Raises
    ------
    ValueError
        The frame does not hold the panel's sessions.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2], "alliance_patient": [50, 40]})
    >>> coding = {"definitions": {"drop_rci": {"sd": 10.5, "reliability": 0.961}}}
    >>> ruptures, _ = code_ruptures(frame, None, {}, coding)
    >>> verdicts_of(ruptures, "drop_rci", Panel.from_sessions(frame, [])).detected.tolist()
    [False, True]
    """
    own = _rows_of(ruptures, definition)
    if not _same_sessions(own, panel):
        own = own.sort_values(["patient_id", "session"])
        if not _same_sessions(own, panel):
            raise ValueError(f"'{definition}' was coded on other sessions than these")
    return Verdicts(
        verdict=_codes(own["verdict"], VERDICTS),
        reason=_codes(own["reason"], REASONS),
        kind=_codes(own["kind"], KINDS),
    )


def _rows_of(ruptures: pd.DataFrame, definition: str) -> pd.DataFrame:
    rows = np.flatnonzero(ruptures["definition"] == definition)
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return ruptures.iloc[rows[0] : rows[-1] + 1]  # a view, as definitions come in blocks
    return ruptures.iloc[rows]


def _codes(values: pd.Series, names: Sequence[str]) -> Codes:
    dtype = pd.CategoricalDtype(list(names))
    return values.astype(dtype).cat.codes.to_numpy().astype(np.int8)


def _same_sessions(own: pd.DataFrame, panel: Panel) -> bool:
    if not np.array_equal(own["session"].to_numpy(), panel.session):
        return False
    return bool((own["patient_id"].array == panel.patient_ids.array).all())
