"""Hazard models in words."""

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
