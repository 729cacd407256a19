"""Of the ruptures that one reporter sees, how many another one sees in or next to the session."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.inputs import chosen_definitions
from rupture_outcome.coding.verdicts import DETECTED, NOT_TESTABLE, VERDICTS
from rupture_outcome.engine.arrays import Floats, Rows
from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.reasons import NOT_CONVERGED, reason
from rupture_outcome.estimates.prevalence.prevalence import clustered_interval

REPORTERS = ("patient", "therapist", "observer")
LAGS = (-1, 0, 1)
RECOGNITION_COLUMNS = (
    *("reporter", "definition", "by", "by_definition", "lag"),
    *("ruptures", "recognised", "missed", "share", "share_low", "share_high"),
    *("sessions", "expected", "sd", "sd_low", "sd_high", "patients", "therapists", "reason"),
)
NODES = 15
LEAST_EACH = 10  # ruptures recognised, and not, before the SD of therapists is asked for


def reporters_of(coding: Mapping[str, Any]) -> dict[str, str]:
    """Who reports what each definition of the config reads, by its name.

    Examples
    --------
    >>> reporters_of({"definitions": {"psq_therapist": {}, "drop_rci": {}, "observer": {}}})
    {'psq_therapist': 'therapist', 'drop_rci': 'patient', 'observer': 'observer'}
    """
    out = {}
    for chosen in chosen_definitions(coding):
        read = " ".join(chosen.rule.columns(chosen.parameters))
        named = [who for who in REPORTERS[:2] if who in read]
        out[chosen.rule.id] = named[0] if len(named) == 1 else REPORTERS[2]
    return out


def recognition(
    ruptures: pd.DataFrame,
    sessions: pd.DataFrame,
    reporters: Mapping[str, str],
    confidence: float,
) -> pd.DataFrame:
    """Count, for each pair of definitions with different reporters, which ruptures both see.

    A rupture counts where the other definition could be tested in the session that is compared:
    what it could not see it has not missed. ``expected`` is the share of all sessions that both
    could test in which the other one finds a rupture: what would be recognised by chance.

    Parameters
    ----------
    ruptures : DataFrame
        ``patient_id``, ``session``, ``definition``, ``verdict``.
    sessions : DataFrame
        ``patient_id``, ``session``, ``therapist_id``.
    reporters : mapping of str to str
        From `reporters_of`; other definitions are left out.
    confidence : float
        Level of the intervals, which are robust to therapists (or patients, where fewer than two
        therapists are known).

    Returns
    -------
    DataFrame
        `RECOGNITION_COLUMNS`, one row an ordered pair and lag; lag 1 asks for the session after.
        ``sd``: of therapists, in the log odds that the rupture is recognised in its own session.
    """
    known = ruptures[ruptures["definition"].isin(list(reporters))]
    keys = ["patient_id", "session"]
    found = known["verdict"].eq(VERDICTS[DETECTED]).astype(float)
    found = found.where(known["verdict"].ne(VERDICTS[NOT_TESTABLE]))
    given = known[keys].assign(definition=known["definition"].astype(str), found=found)
    table = given.pivot_table(index=keys, columns="definition", values="found", observed=True)
    first, when = (table.index.get_level_values(key) for key in keys)
    places = {lag: pd.MultiIndex.from_arrays([first, when + lag]) for lag in LAGS}
    at = {lag: table.index.get_indexer(place) for lag, place in places.items()}
    cluster = _clusters(places[0], sessions)
    verdicts = {name: table[name].to_numpy(dtype=float) for name in table}
    names = [name for name in reporters if name in verdicts]
    rows = [
        {"definition": a, "by_definition": b, "lag": lag}
        | _compared(verdicts[a], _later(verdicts[b], at[lag]), cluster, confidence, own=lag == 0)
        | {"reporter": reporters[a], "by": reporters[b]}
        for a in names
        for b in names
        if reporters[a] != reporters[b]
        for lag in LAGS
    ]
    return pd.DataFrame(rows, columns=list(RECOGNITION_COLUMNS))


def _clusters(index: pd.MultiIndex, sessions: pd.DataFrame) -> pd.DataFrame:
    """Give numbers to therapists, patients, and what errors are robust to; −1 is nobody.

    That is the therapist, or the patient where the therapist is not known or there is only one.
    """
    keys = ["patient_id", "session"]
    therapist = sessions.set_index(keys)["therapist_id"].reindex(index)
    patient = pd.Series(index.get_level_values("patient_id").astype(str), index)
    known = therapist.notna()
    several = len(therapist[known].unique()) > 1
    who = ("therapist " + therapist.astype(str)).where(known & several, "patient " + patient)
    named = pd.DataFrame({"therapist": therapist, "patient": patient, "cluster": who}, index)
    return named.apply(lambda column: pd.factorize(column, sort=True)[0])


def _later(verdict: Floats, at: Rows) -> Floats:
    """Verdict on another session of the patient; NaN where there is none."""
    return np.where(at >= 0, verdict[at], np.nan)


def _compared(
    a: Floats, b: Floats, cluster: pd.DataFrame, confidence: float, *, own: bool
) -> dict[str, Any]:
    """Compare what one finds in each session (1, 0, NaN where not testable) with what another does.

    `own` asks for the SD of therapists.
    """
    tested = ~np.isnan(a) & ~np.isnan(b)
    seen = tested & (a == 1.0)
    whose, yes = cluster[seen], b[seen]
    counted, total = np.bincount(whose["cluster"], yes), np.bincount(whose["cluster"])
    low, high = clustered_interval(counted.astype(float), total.astype(float), confidence)
    out = {
        **{"ruptures": len(yes), "recognised": int(yes.sum()), "missed": int((1 - yes).sum())},
        "sessions": int(tested.sum()),
        "share": float(yes.mean()) if len(yes) else np.nan,
        "expected": float(b[tested].mean()) if tested.any() else np.nan,
        **{"share_low": low, "share_high": high},
        "patients": int(whose["patient"].nunique()),
        "therapists": int(whose.loc[whose["therapist"] >= 0, "therapist"].nunique()),
        "reason": "" if len(yes) else reason("no_rupture_compared"),
    }
    return out | (_sd(whose, yes, confidence) if own and len(yes) else {})


def _sd(own: pd.DataFrame, yes: Floats, confidence: float) -> dict[str, Any]:
    """SD of therapists in the log odds of recognising, by a mixed logistic regression."""
    named = own["therapist"].ge(0).to_numpy()
    rows = yes[named]
    if min(rows.sum(), len(rows) - rows.sum()) < LEAST_EACH:
        return {"reason": reason("few_ruptures_compared", LEAST_EACH)}
    try:
        model = MultilevelHazard(rows, np.ones((len(rows), 1)), own.loc[named, "therapist"])
    except ModelError as error:
        return {"reason": error.reason}
    fit = model.fit(quadrature=NODES)
    if not fit.converged:
        return {"reason": NOT_CONVERGED}
    low, high = fit.group_sd_conf_int(1.0 - confidence)
    return {"sd": fit.group_sd, "sd_low": low, "sd_high": high}
