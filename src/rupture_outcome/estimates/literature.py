"""What others found, beside what this study finds: published effects on a common scale.

The common scale is the log odds ratio, with a sign such that more than 0 is better (a better
outcome, less dropout). What is compared, and with what outcome, differs; each row says it.
"""

from collections.abc import Mapping
from importlib.resources import files

import numpy as np
import pandas as pd

from rupture_outcome.engine.reasons import joined, reason
from rupture_outcome.estimates.effect_rows import EVER, HEADLINE, compares

LITERATURE, STUDY = "literature", "this study"
LOGISTIC_SD = np.pi / np.sqrt(3.0)
SCALE = ["log_odds", "log_odds_low", "log_odds_high"]
OWN = ["own_value", "own_low", "own_high", "own_reason"]
COLUMNS = (
    "source",
    "finding",
    "authors",
    "year",
    "outcome",
    "comparator",
    "unit",
    "effect_type",
    "value",
    "qualifier",
    "low",
    "high",
    "interval",
    "reported_d",
    "k",
    "n",
    *SCALE,
    *OWN,
    "status",
    "reason",
)
WHO_IS_COMPARED = {
    HEADLINE: ("hazard", "Repaired rupture and less dropout", "sessions with an open rupture"),
    EVER: (
        "naive",
        "Repaired rupture and less dropout, naively",
        "patients never repaired; biased by immortal time",
    ),
}


def d_from_r(r: float) -> float:
    """Standardised mean difference of a correlation: d = 2r / √(1 − r²).

    Examples
    --------
    >>> round(d_from_r(0.29), 3)
    0.606
    """
    return float(2.0 * r / np.sqrt(1.0 - r**2))


def log_odds_from_d(d: float) -> float:
    """Log odds ratio of a standardised mean difference: d · π / √3 (logistic outcome).

    Examples
    --------
    >>> round(log_odds_from_d(0.5), 3)
    0.907
    """
    return float(d * LOGISTIC_SD)


def log_odds(effect_type: str, value: float) -> float:
    """Log odds ratio of a published effect.

    Parameters
    ----------
    effect_type : {"r", "d", "odds ratio"}
        A hazard ratio is not converted: it is not an odds ratio where events are common.
    value : float
        On its own scale.

    Raises
    ------
    ValueError
        Effects of this type have no place on the scale.
    """
    if effect_type == "r":
        return log_odds_from_d(d_from_r(value))
    if effect_type == "d":
        return log_odds_from_d(value)
    if effect_type == "odds ratio":
        return float(np.log(value))
    raise ValueError(f"an effect of type '{effect_type}' has no place on the log-odds scale")


def benchmarks() -> pd.DataFrame:
    """Give published findings, one a row, on the common scale where they can be.

    Returns
    -------
    DataFrame
        The columns of ``literature.csv`` of the package, and ``log_odds`` with its limits (the
        limits of the published interval, each transformed). Where a d was published beside r, it
        is the one that counts, not ours.
    """
    found = pd.read_csv(str(files("rupture_outcome.estimates") / "literature.csv"))
    found[SCALE] = [_on_scale(row) for row in found.to_dict("records")]
    return found


def literature(
    effects: pd.DataFrame,
    primary: Mapping[str, str],
    *,
    sample: pd.DataFrame | None = None,
    prevalence: pd.DataFrame | None = None,
    therapists: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Put the study's published results beside the benchmarks.

    Parameters
    ----------
    effects : DataFrame
        Published ``dropout_effects``.
    primary : mapping
        ``definition`` and ``repair_rule`` of the main analysis.
    sample : DataFrame, optional
        Published ``sample_description``: ``variable``, ``category``, ``percent``.
    prevalence : DataFrame, optional
        Published ``rupture_prevalence``.
    therapists : DataFrame, optional
        Published variances between therapists: ``outcome`` and ``share`` (of 1), and where they
        are ``share_low``, ``share_high``; of several rows for dropout the first counts.
    confidence : float
        Level of the study's intervals.

    Returns
    -------
    DataFrame
        The study's effects first, then the literature; ``own_value`` and so on hold the study's
        own number beside a published percentage.
    """
    known = benchmarks()
    own = [
        _own_number(key, primary, sample, prevalence, therapists) if isinstance(key, str) else {}
        for key in known["own"]
    ]
    known = known.join(pd.DataFrame(own, index=known.index, columns=OWN))
    study = pd.DataFrame(_study_rows(effects, primary, confidence))
    joined = pd.concat([study, known.assign(source=LITERATURE)], ignore_index=True)
    joined = joined.reindex(columns=list(COLUMNS))
    return joined.astype(dict.fromkeys(["year", "k", "n"], "Int64"))


def _on_scale(row: Mapping) -> list[float]:
    if not row["common_scale"]:
        return [np.nan] * 3
    points = [row["value"], row["low"], row["high"]]
    converted = [row["better"] * log_odds(row["effect_type"], each) for each in points]
    if pd.notna(row["reported_d"]):
        converted[0] = row["better"] * log_odds_from_d(row["reported_d"])
    return [converted[0], *sorted(converted[1:])]


def _study_rows(
    effects: pd.DataFrame, primary: Mapping[str, str], confidence: float
) -> list[dict[str, object]]:
    """Turn the main effect and the naive one so that more than 0 is less dropout."""
    own = effects[
        effects["definition"].eq(primary["definition"])
        & effects["repair_rule"].eq(primary["repair_rule"])
    ]
    rows: list[dict[str, object]] = []
    for pair, (analysis, finding, comparator) in WHO_IS_COMPARED.items():
        found = own[own["analysis"].eq(analysis) & compares(own, pair)]
        records = found.head(1).to_dict("records")
        rows += [_study_row(row, finding, comparator, confidence) for row in records]
    return rows


def _study_row(row: Mapping, finding: str, comparator: str, confidence: float) -> dict[str, object]:
    hazard = row["analysis"] == "hazard"
    scale = dict(zip(SCALE, [-row["estimate"], -row["ci_high"], -row["ci_low"]], strict=True))
    ratio = "odds ratio" if row["link"] == "logit" else "hazard ratio"
    note = "" if pd.isna(row["reason"]) else str(row["reason"])
    if pd.isna(row["estimate"]):
        note = note or reason("withheld_or_not_estimable")
    elif ratio == "hazard ratio":
        note = joined(note, reason("log_hazard_ratio"))
    return {
        "source": STUDY,
        "finding": finding,
        "outcome": "dropout after a session" if hazard else "dropout",
        "comparator": comparator,
        "unit": "sessions of patients" if hazard else "patients",
        "effect_type": ratio,
        "value": row["ratio"],
        "low": np.exp(row["ci_low"]),
        "high": np.exp(row["ci_high"]),
        "interval": f"{confidence * 100:g}% CI",
        "n": row["patients"],
        **scale,
        "status": "computed",
        "reason": note,
    }


def _own_number(
    key: str,
    primary: Mapping[str, str],
    sample: pd.DataFrame | None,
    prevalence: pd.DataFrame | None,
    therapists: pd.DataFrame | None,
) -> dict[str, object]:
    """Find the study's percentage to show beside a published one; empty where there is none."""
    if key == "dropout" and sample is not None:
        found = sample[sample["variable"].eq("ending") & sample["category"].eq("dropout")]
        return _percent(found["percent"], "of patients, as recorded")
    if key == "therapist_share" and therapists is not None:
        found = therapists[therapists["outcome"].eq("dropout")].head(1)
        limits = [100.0 * found[c] for c in ("share_low", "share_high") if c in found]
        return _percent(100.0 * found["share"], "of the latent variance", *limits)
    if key == "no_rupture" and prevalence is not None:
        found = prevalence[prevalence["definition"].eq(primary["definition"])]
        none = 1.0 - found["patients_detected"] / found["patients_testable"]
        return _percent(100.0 * none, "of patients, by the main definition")
    if prevalence is not None and key in set(prevalence["definition"]):
        found = prevalence[prevalence["definition"].eq(key)]
        limits = [100.0 * found[c] for c in ("ci_low", "ci_high") if c in found]
        return _percent(100.0 * found["rate"], "of sessions that could be tested", *limits)
    return {}


def _percent(value: pd.Series, note: str, *limits: pd.Series) -> dict[str, object]:
    if value.dropna().empty:
        return {}
    low, high = (float(each.iloc[0]) for each in limits) if len(limits) == 2 else (np.nan, np.nan)
    return {
        "own_value": float(value.iloc[0]),
        "own_low": low,
        "own_high": high,
        "own_reason": note,
    }
