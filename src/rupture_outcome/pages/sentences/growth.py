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


def within_sentence(effects: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say what a session tells of the next one in the same patient, and whether methods agree.

    Parameters
    ----------
    effects : DataFrame
        Published table `within_effects`.
    card : mapping
        `study.json`.
    """
    known = effects[effects["scope"].eq("within") & effects["estimate"].notna()]
    known = known[~known[["outcome", "predictor"]].isin(["alliance_therapist"]).any(axis=1)]
    main = known[known["method"].eq("lag_earlier") & known["setting"].eq("common")]
    if main.empty:
        return (
            "What a session says of the next one within patients is withheld or could not be "
            "estimated."
        )
    level = f"{card['models']['confidence'] * 100:g}%"
    said = [
        f"{_told(row)} by {with_interval(row['estimate'], row['ci_low'], row['ci_high'], 2)} "
        f"points ({_agreement(row, known)})"
        for row in main.to_dict("records")
    ]
    return (
        f"From one session to the next within patients, {'; '.join(said)} (two-level models; "
        f"{level} confidence intervals in brackets). Where methods disagree, none of them should "
        "be relied on."
    )


def _told(row: Mapping) -> str:
    outcome = name("within_measure", row["outcome"])
    if row["predictor"] == "open":
        return f"{outcome} after a session that left a rupture open differed"
    predictor = name("within_measure", row["predictor"])
    return f"after a session with a point more of {predictor}, {outcome} differed"


def _agreement(row: Mapping, known: pd.DataFrame) -> str:
    """Say how many of the other estimates of the same effect lie on the same side of 0."""
    same = known[known["outcome"].eq(row["outcome"]) & known["predictor"].eq(row["predictor"])]
    others = same[same["method"].ne(row["method"]) | same["setting"].ne(row["setting"])]
    alike = int((others["estimate"] * row["estimate"] > 0).sum())
    return f"{alike} of {len(others)} other methods and settings have its direction"
