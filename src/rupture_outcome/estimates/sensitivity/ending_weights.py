"""Inverse-probability-of-censoring weights: endings other than dropout, given symptoms."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import patient_codes
from rupture_outcome.estimates.sensitivity.state_weights import (
    StateWeights,
    chance_of,
    fit_transition,
    history_of,
)

OTHER_ENDINGS = ("agreed_ending", "other_ending")
ENDS = "other_ending"


def ending_weights(
    rows: pd.DataFrame, symptoms: pd.DataFrame, covariates: Sequence[str]
) -> StateWeights:
    """Stabilised weights against leaving otherwise than by dropout.

        w_is = Π_{t < s} P(no other ending after t | state_t, baseline) / P(… the same, symptoms_t)

    Whoever is better may end by agreement, and no longer be seen to drop out; if symptoms guide
    dropout too, those who stay are a selection. Weighted, sessions stand for what would be seen if
    nobody had ended otherwise, given that symptoms before a session, the state and the baseline
    hold all that such endings and dropout have in common. Models are as in `state_weights`, of
    sessions at risk that no dropout followed.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, sorted by patient and session.
    symptoms : DataFrame
        From `symptom_history`, in the same order.
    covariates : sequence of str
        Baseline covariates, columns of `rows`.

    Notes
    -----
    Robins and Finkelstein (2000), Biometrics 56:779; recalled.
    """
    state = rows["state"].astype("str").to_numpy()
    history = history_of(rows, state, covariates).assign(is_open=state == "unrepaired")
    history["is_open"] = history["is_open"].astype(float)
    possible = rows["at_risk"].to_numpy(bool) & rows["dropout"].ne(1).to_numpy()
    ended = rows["event"].astype("str").isin(list(OTHER_ENDINGS)).to_numpy()
    fit = fit_transition(ENDS, history[possible], symptoms[possible], ended[possible])
    log_ratio, least = np.zeros(len(rows)), 1.0
    if fit.numerator is not None and fit.denominator is not None:
        stayed = np.zeros(int(possible.sum()), dtype=bool)
        top, bottom = (chance_of(each, stayed) for each in (fit.numerator, fit.denominator))
        log_ratio[possible] = np.log(top) - np.log(bottom)
        least = float(bottom.min())
    patient = patient_codes(rows)
    cumulated = pd.Series(log_ratio).groupby(patient).cumsum().groupby(patient).shift(fill_value=0)
    return StateWeights(np.exp(cumulated.to_numpy(float)), least, [fit])
