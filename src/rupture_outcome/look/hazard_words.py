"""Hazard models, their contrasts and what is to be noted of them, in words."""

from collections.abc import Mapping

import pandas as pd

from rupture_outcome.look.words import name, ratio_name


def model_name(model: object, link: object) -> str:
    """Name a model; one with another link by what its ratios are.

    Examples
    --------
    >>> model_name("other_link", "cloglog")
    'Other link: hazard ratio'
    """
    text = name("hazard_model", model)
    return f"{text}: {ratio_name(str(link)).lower()}" if model == "other_link" else text


def contrast_name(contrast: object) -> str:
    """Name a contrast in words."""
    return str(contrast).replace(" vs ", " against ")


def remark(row: Mapping) -> str:
    """Say why there is no estimate, or what must be known of it."""
    if "estimate" in str(row.get("withheld")):
        return "withheld: too few patients or events"
    note = "" if pd.isna(row.get("note")) else str(row["note"])
    if row["converged"]:
        return note
    return f"not estimable: {note}" if note else "not estimable"
