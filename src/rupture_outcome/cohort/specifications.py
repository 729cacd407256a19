"""Go through rupture definitions and repair rules; those that look ahead are refused."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from rupture_outcome.coding.inputs import chosen_definitions, chosen_repair_rules
from rupture_outcome.coding.registry import definitions, require_prospective


def check_choices(coding: Mapping[str, Any]) -> None:
    """Check the definitions and repair rules of a config before anything is computed.

    Raises
    ------
    StudyError
        A definition, repair rule or parameter is unknown, or the primary definition looks ahead.
    """
    chosen = {c.rule.id: c.rule for c in chosen_definitions(coding)}
    chosen_repair_rules(coding)
    require_prospective(chosen[coding["primary"]["definition"]].base)


def prospective_filter(coding: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Give the `filters` that read prospective definitions; the others serve description only.

    Parameters
    ----------
    coding : mapping
        Section `coding` of the config.

    Raises
    ------
    StudyError
        The primary definition is retrospective.

    Examples
    --------
    >>> asked = {"definitions": {"drop_sd": {}, "v_shape": {}}, "repair_rules": {},
    ...          "primary": {"definition": "drop_sd"}}
    >>> prospective_filter(asked)
    [('definition', 'in', ['drop_sd'])]
    """
    check_choices(coding)
    chosen = [c.rule for c in chosen_definitions(coding)]
    kept = [rule.id for rule in chosen if rule.kind_class == "prospective"]
    return [("definition", "in", kept)]


def each_specification(person_sessions: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Give definition, repair rule and their rows, in the order of the risk set.

    Raises
    ------
    StudyError
        A definition is retrospective: whether it finds a rupture depends on whether the patient
        stayed, so no model of dropout may use it.

    Examples
    --------
    >>> coded = {"definition": ["psq_patient", "drop_sd"], "repair_rule": "half_recovery"}
    >>> rows = pd.DataFrame(coded)
    >>> [(definition, len(own)) for definition, _, own in each_specification(rows)]
    [('drop_sd', 1), ('psq_patient', 1)]
    """
    keys = ["definition", "repair_rule"]
    known = definitions()
    for (definition, rule), rows in person_sessions.groupby(keys, observed=True, sort=True):
        if definition in known:  # a name of the config's own was looked at with the states
            require_prospective(str(definition))
        yield str(definition), str(rule), rows


def primary_filter(primary: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Give the `filters` with which `pandas.read_parquet` reads what `primary_rows` selects.

    Examples
    --------
    >>> primary_filter({"definition": "drop_rci", "repair_rule": "half_recovery"})
    [('definition', '==', 'drop_rci'), ('repair_rule', '==', 'half_recovery')]
    """
    return [(key, "==", primary[key]) for key in ("definition", "repair_rule")]


def primary_rows(coded: pd.DataFrame, primary: Mapping[str, str]) -> pd.DataFrame:
    """Select the rows of the primary definition and repair rule.

    Parameters
    ----------
    coded : DataFrame
        Any frame with columns ``definition`` and ``repair_rule``, such as the risk set.
    primary : mapping
        `coding.primary` of the config: ``definition``, ``repair_rule``.

    Examples
    --------
    >>> rows = pd.DataFrame({"definition": ["drop_sd", "drop_rci"], "repair_rule": "half_recovery"})
    >>> primary = {"definition": "drop_rci", "repair_rule": "half_recovery"}
    >>> primary_rows(rows, primary)["definition"].tolist()
    ['drop_rci']
    """
    kept = coded["definition"].eq(primary["definition"])
    kept &= coded["repair_rule"].eq(primary["repair_rule"])
    return coded[kept].reset_index(drop=True)
