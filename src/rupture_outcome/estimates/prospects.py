"""What a study can answer, before any model is fitted: what can be tested, and how precisely."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.inputs import chosen_definitions
from rupture_outcome.coding.verdicts import REASONS
from rupture_outcome.cohort.specifications import primary_rows
from rupture_outcome.engine.estimate import normal_quantile
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS

POWER = 0.8


def definition_prospects(ruptures: pd.DataFrame, coding: Mapping[str, Any]) -> pd.DataFrame:
    """Count, for each definition, the sessions that it can test, and why not the others.

    Parameters
    ----------
    ruptures : DataFrame
        From `rupture_outcome.coding.detect.code_ruptures`.
    coding : mapping
        Section `coding` of the config.

    Returns
    -------
    DataFrame
        ``definition``, ``class``, ``provenance``, ``sessions``, ``testable``, ``detected``, and
        the sessions not tested by reason: ``first_session``, ``missing_score``, ``gap``,
        ``too_few``, ``no_scale``.
    """
    rows = []
    for chosen in chosen_definitions(coding):
        own = ruptures[ruptures["definition"].eq(chosen.rule.id)]
        testable = int(own["verdict"].ne("not_testable").sum())
        detected = int(own["verdict"].eq("detected").sum())
        reasons = own["reason"].value_counts()
        why = [int(reasons.get(name, 0)) for name in REASONS]
        about = chosen.rule.id, chosen.rule.kind_class, chosen.rule.provenance
        rows.append((*about, len(own), testable, detected, *why))
    leading = ["definition", "class", "provenance", "sessions", "testable", "detected"]
    return pd.DataFrame(rows, columns=[*leading, *REASONS])


def repair_prospects(episodes: pd.DataFrame, coding: Mapping[str, Any]) -> pd.DataFrame:
    """Count what becomes of ruptures under each definition and repair rule.

    Parameters
    ----------
    episodes : DataFrame
        From `rupture_outcome.coding.episodes.code_episodes`.
    coding : mapping
        Section `coding` of the config.

    Returns
    -------
    DataFrame
        ``definition``, ``repair_rule``, ``episodes``, ``repaired``, ``not_repaired``, ``censored``.
    """
    rows = []
    for definition in coding["definitions"]:
        for rule in coding["repair_rules"]:
            at = episodes["definition"].eq(definition) & episodes["repair_rule"].eq(rule)
            found = episodes.loc[at, "repair"].astype("str").value_counts()
            counts = [int(found.get(code, 0)) for code in ("repaired", "not_repaired", "censored")]
            rows.append((definition, rule, sum(counts), *counts))
    columns = ["definition", "repair_rule", "episodes", "repaired", "not_repaired", "censored"]
    return pd.DataFrame(rows, columns=columns)


def expected_precision(
    person_sessions: pd.DataFrame, primary: Mapping[str, str], confidence: float = 0.95
) -> pd.DataFrame:
    r"""Work out the standard errors that the main effects will have at the least.

    .. math:: se(a, b) = \sqrt{\sum_{s \in \{a, b\}} \frac1{d_s} + \frac1{n_s - d_s}}

    with n sessions at risk in a state and d dropouts after them: the error of a log odds ratio of
    two cells. The model spends some information on sessions, covariates and therapists, so that
    its errors are a little larger (in the example study by 2 % on average for repaired against
    open, by 10 % for open against none), and more where patients leave together.
    The ratio that could be told from 1 with a power of 80 % is
    :math:`\exp((z_{.975} + z_{.8})\, se)`. The effect itself is not computed.

    Parameters
    ----------
    person_sessions : DataFrame
        The risk set.
    primary : mapping
        `coding.primary` of the config.
    confidence : float
        Level of the test.

    Returns
    -------
    DataFrame
        ``first``, ``second`` (states), ``se`` and ``ratio``; missing where a state holds no
        dropout or nothing else.

    Examples
    --------
    Ten dropouts after 100 sessions in each of two states: √(2 · (1/10 + 1/90)) = 0.47

    >>> cell = {"at_risk": True, "definition": "drop_sd", "repair_rule": "half_recovery"}
    >>> states = np.repeat(["unrepaired", "repaired"], 100)
    >>> rows = pd.DataFrame({"state": states, "dropout": np.tile(np.arange(100) < 10, 2), **cell})
    >>> expected_precision(rows, cell)[["second", "se"]].round(2).values.tolist()[-1]
    ['unrepaired', 0.47]
    """
    rows = primary_rows(person_sessions, primary)
    rows = rows[rows["at_risk"].astype(bool)]
    n = rows["state"].astype("str").value_counts()
    d = rows.loc[rows["dropout"].astype(bool), "state"].astype("str").value_counts()
    reach = normal_quantile(confidence) + normal_quantile(2 * POWER - 1)
    out = []
    for pair in CONTRASTS:
        cells = [(float(d.get(state, 0)), float(n.get(state, 0))) for state in pair]
        whole = all(0 < events < sessions for events, sessions in cells)
        squares = [1 / events + 1 / (sessions - events) for events, sessions in cells if whole]
        se = float(np.sqrt(sum(squares))) if whole else np.nan
        out.append((*pair, se, float(np.exp(reach * se))))
    return pd.DataFrame(out, columns=["first", "second", "se", "ratio"])
