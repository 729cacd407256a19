"""Sentences on whether a rupture that one person reports is seen by another."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.look.formats import count_text, percent
from rupture_outcome.look.words import name
from rupture_outcome.products.recognition import share_text


def recognition_sentence(found: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say which share of the ruptures of the main definition others see in the same session.

    Parameters
    ----------
    found : DataFrame
        Published table `recognition`.
    card : mapping
        `study.json`.
    """
    own = found["definition"].eq(card["primary"]["definition"]) & found["lag"].eq(0)
    rows = found[own & found["share"].notna()].drop_duplicates("by")
    if rows.empty:
        return (
            "Nobody else told of ruptures in sessions that the main definition could test, or too "
            "few are left to say how many were recognised."
        )
    said = [
        f"of {count_text(row['ruptures'])} ruptures the {name('reporter', row['by'])} saw "
        f"{share_text(row)}, where {percent(row['expected'], 0)} would be by chance"
        for row in rows.to_dict("records")
    ]
    level = f"{card['models']['confidence'] * 100:g}%"
    return (
        f"{name('definition', card['primary']['definition'])}: in the same session, "
        f"{'; '.join(said)} ({level} confidence intervals in brackets). A rupture that could not "
        "have been seen by the other counts as neither."
    )
