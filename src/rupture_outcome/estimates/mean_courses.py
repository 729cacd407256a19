"""Mean alliance around the onset of the first rupture, by what became of it."""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

WINDOW = (-4, 8)
COLUMNS = ["repair", "since_onset", "mean", "ci_low", "ci_high", "n", "patients"]


def onset_courses(
    sessions: pd.DataFrame, episodes: pd.DataFrame, repair_rule: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Mean alliance around the first rupture under every definition and one repair rule.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions.
    episodes : DataFrame
        Of all definitions and repair rules.
    repair_rule : str
        Which one sorts the ruptures into repaired and not repaired.
    confidence : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        definition, then as `mean_courses`; a definition without any mean has no row.
    """
    chosen = episodes[episodes["repair_rule"].eq(repair_rule)]
    parts = [
        mean_courses(sessions, own, confidence).assign(definition=str(definition))
        for definition, own in chosen.groupby("definition", observed=True, sort=False)
    ]
    columns = ["definition", *COLUMNS]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def mean_courses(
    sessions: pd.DataFrame, episodes: pd.DataFrame, confidence: float = 0.95
) -> pd.DataFrame:
    """Mean alliance by attended sessions since onset and repair.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions: ``patient_id``, ``session``, ``attended``, ``alliance_patient``.
    episodes : DataFrame
        Episodes of one definition and repair rule.
    confidence : float
        Level of the interval of the mean (t distribution).

    Returns
    -------
    DataFrame
        repair, since_onset (0 is the session of the rupture), mean, ci_low, ci_high, n (patients
        with a rating there), patients (of the group, in all its rows).
    """
    first = episodes.sort_values("onset").drop_duplicates("patient_id")
    held = sessions[sessions["attended"].eq(1)].sort_values(["patient_id", "session"])
    held = held.assign(order=held.groupby("patient_id").cumcount())
    joined = held.merge(first[["patient_id", "onset", "repair"]], on="patient_id")
    at_onset = joined[joined["session"].eq(joined["onset"])].set_index("patient_id")["order"]
    joined["since_onset"] = joined["order"] - joined["patient_id"].map(at_onset)
    seen = joined[joined["since_onset"].between(*WINDOW) & joined["alliance_patient"].notna()]
    scores = seen.astype({"repair": str}).groupby(["repair", "since_onset"])["alliance_patient"]
    table = scores.agg(["mean", "std", "count"]).reset_index()
    table = table[table["count"] > 0].rename(columns={"count": "n"})
    half = table["std"] / np.sqrt(table["n"]) * stdtrit(table["n"] - 1, 0.5 + confidence / 2)
    table = table.assign(ci_low=table["mean"] - half, ci_high=table["mean"] + half)
    sizes = first["repair"].astype(str).value_counts().rename("patients")
    return table.join(sizes, on="repair")[COLUMNS].reset_index(drop=True)
