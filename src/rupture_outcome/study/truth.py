"""The effects of ruptures that a simulated study was made with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "truth.json"


def true_effects(study: Mapping[str, Any], outcome: str = "dropout") -> dict[str, float]:
    """Read the true differences in an outcome between states; empty where they are not known.

    Parameters
    ----------
    study : mapping
        Section `study` of the config: ``data``, a folder, and ``simulated``. Its `truth.json`
        gives under ``truth`` the effect of an open rupture against none, as
        ``<outcome>_unrepaired``, and that of a repaired one, ``<outcome>_repaired``; without the
        latter it has none.
    outcome : {"dropout", "symptom"}
        In log odds of leaving after a session, or in points before the next one.

    Returns
    -------
    dict of str to float
        By contrast, as in the results.
    """
    file = Path(study["data"]) / FILE
    if not study["simulated"] or not file.is_file():
        return {}
    given = json.loads(file.read_text(encoding="utf-8")).get("truth", {})
    if f"{outcome}_unrepaired" not in given:
        return {}
    nothing = {"value": 0.0}
    open_, repaired = (
        float(given.get(f"{outcome}_{state}", nothing)["value"])
        for state in ("unrepaired", "repaired")
    )
    return {
        "unrepaired vs intact": open_,
        "repaired vs intact": repaired,
        "repaired vs unrepaired": repaired - open_,
    }
