"""How and when treatments ended: cumulative incidence of every ending."""

import pandas as pd

from rupture_outcome.engine.cumulative_incidence import cumulative_incidence

ENDINGS = ("dropout", "completed", "agreed", "referred", "administrative")


def ending_curves(
    sessions: pd.DataFrame, endings: pd.DataFrame, confidence: float = 0.95
) -> pd.DataFrame:
    """Cumulative incidence of every ending by number of attended sessions.

    Parameters
    ----------
    sessions : DataFrame
        Clean sessions: ``patient_id``, ``attended``.
    endings : DataFrame
        Clean endings: ``patient_id``, ``ending``; treatments that go on are censored.
    confidence : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        cause (the ending), session (attended sessions), estimate, ci_low, ci_high, at_risk,
        patients (at the start).
    """
    attended = sessions[sessions["attended"].eq(1)].groupby("patient_id").size()
    ended = endings.dropna(subset=["ending"]).set_index("patient_id")["ending"].astype(str)
    time = attended.reindex(ended.index).dropna().astype(int)
    everyone = pd.Series("all", index=time.index)
    causes = [cause for cause in ENDINGS if ended.eq(cause).any()]
    curves = cumulative_incidence(
        time, ended[time.index], everyone, causes=causes, confidence=confidence
    )
    return curves.drop(columns=["variance", "group"]).assign(patients=len(time))
