"""What a simulated study was made with: its true values, and effects of ruptures among them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "truth.json"


def true_values(study: Mapping[str, Any]) -> dict[str, float]:
    """Read the values that a study was simulated with, by name; empty where they are not known.

    Such as ``dropout_therapist_sd``: what `truth.json` beside the data gives under ``truth``.
    """
    file = Path(study["data"]) / FILE
    if not study["simulated"] or not file.is_file():
        return {}
    given = json.loads(file.read_text(encoding="utf-8")).get("truth", {})
    values = {key: one["value"] for key, one in given.items()}
    return {key: float(value) for key, value in values.items() if isinstance(value, int | float)}


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
    known = true_values(study)
    if f"{outcome}_unrepaired" not in known:
        return {}
    open_, repaired = (known.get(f"{outcome}_{state}", 0.0) for state in ("unrepaired", "repaired"))
    return {
        "unrepaired vs intact": open_,
        "repaired vs intact": repaired,
        "repaired vs unrepaired": repaired - open_,
    }
