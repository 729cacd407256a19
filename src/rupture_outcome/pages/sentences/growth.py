"""Sentences on how symptoms and the alliance go with ruptures and their repair."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.look.formats import with_interval
from rupture_outcome.look.words import lower_first, name


def growth_sentence(effects: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say how far measures lie apart after a repaired and after an open rupture.

    Parameters
    ----------
    effects : DataFrame
        Published table `growth_effects`.
    card : mapping
        `study.json`.
    """
    rows = effects[
        effects["scope"].eq("within")
        & effects["course"].eq("log")
        & effects["state_a"].eq(HEADLINE[0])
        & effects["state_b"].eq(HEADLINE[1])
        & effects["estimate"].notna()
    ]
    if rows.empty:
        return (
            "How symptoms and the alliance go with the state of ruptures is withheld or could not "
            "be estimated."
        )
    said = [
        f"{lower_first(name('source', row['outcome']))} "
        f"{with_interval(row['estimate'], row['ci_low'], row['ci_high'], 2)}"
        for row in rows.to_dict("records")
    ]
    level = f"{card['models']['confidence'] * 100:g}%"
    return (
        "In the same patient, a session after a repaired rupture differed from one after an open "
        f"rupture by so many points: {'; '.join(said)} ({level} confidence intervals in brackets; "
        "of symptoms fewer points are better, of the alliance more). Patients whose alliance "
        "suffers may get worse for other reasons, so this is no effect of repair by itself."
    )
