"""The effects on dropout that a simulated study was made with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "truth.json"
OPEN, REPAIRED = "dropout_unrepaired", "dropout_repaired"


def true_effects(study: Mapping[str, Any]) -> dict[str, float]:
    """Read the true log odds ratios of dropout between states; empty where they are not known.

    Parameters
    ----------
    study : mapping
        Section `study` of the config: ``data``, a folder, and ``simulated``. Its `truth.json`
        gives under ``truth`` the effect of an open and of a repaired rupture against none.

    Returns
    -------
    dict of str to float
        By contrast, as in the results.
    """
    file = Path(study["data"]) / FILE
    if not study["simulated"] or not file.is_file():
        return {}
    given = json.loads(file.read_text(encoding="utf-8")).get("truth", {})
    if not {OPEN, REPAIRED} <= given.keys():
        return {}
    open_, repaired = (float(given[key]["value"]) for key in (OPEN, REPAIRED))
    return {
        "unrepaired vs intact": open_,
        "repaired vs intact": repaired,
        "repaired vs unrepaired": repaired - open_,
    }
