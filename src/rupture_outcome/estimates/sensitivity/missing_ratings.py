"""Sessions without a rating: other suppositions than that the state was carried on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.coding.follow import STATES
from rupture_outcome.engine.reasons import reason
from rupture_outcome.estimates.effect_rows import label
from rupture_outcome.estimates.hazard.exposure_hazard import (
    ExposureFit,
    HazardSettings,
    fit_exposure,
)
from rupture_outcome.estimates.sensitivity.imputation import ImputedFits, ImputedHazard, with_state
from rupture_outcome.estimates.sensitivity.rows import CONTRASTS, Basis, sensitivity_row
from rupture_outcome.estimates.sensitivity.tipping import tipping_rows

ANALYSIS = "missing_ratings"
SHARES = (0.0, 0.1, 0.2, 0.4, 0.7, 1.0)  # closer where most of the doubt is
IMPUTATIONS = 20
NO_SESSION = reason("no_such_session")
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Supposition:
    """What untested sessions are supposed to have been, where it differs from the carried state.

    `concerns` marks the sessions that are meant, `state` is what they were in truth, and
    `all_of_them` names the setting in which that holds for each of them.
    """

    name: str
    concerns: Callable[[pd.DataFrame], Bools]
    state: str
    all_of_them: str = ""


def _untested(rows: pd.DataFrame) -> Bools:
    return ~rows["testable"].to_numpy(bool)


def _not_open(rows: pd.DataFrame) -> Bools:
    return _untested(rows) & rows["state"].ne("unrepaired").to_numpy(bool)


def _open(rows: pd.DataFrame) -> Bools:
    return _untested(rows) & rows["state"].eq("unrepaired").to_numpy(bool)


def _before_dropout(which: Callable[[pd.DataFrame], Bools]) -> Callable[[pd.DataFrame], Bools]:
    return lambda rows: which(rows) & rows["dropout"].eq(1).to_numpy(bool)


SERIES = (
    Supposition("share_open", _not_open, "unrepaired", "open"),
    Supposition("share_open_before_dropout", _before_dropout(_not_open), "unrepaired"),
    Supposition("share_repaired", _open, "repaired", "repaired_if_open"),
    Supposition("share_repaired_before_dropout", _before_dropout(_open), "repaired"),
)


def missing_ratings(
    rows: pd.DataFrame,
    main: ExposureFit,
    settings: HazardSettings,
    rng: np.random.Generator,
    imputations: int = IMPUTATIONS,
) -> tuple[list[dict], list[dict]]:
    """Fit the main hazard under other suppositions about sessions that could not be tested.

    In such a session the state of the session before is carried on. Who is about to leave often
    fails to fill in the last form, so that this may not be harmless. Shown are the effects if the
    state is carried on (main analysis), if the sessions are left out, if all of them had an open
    rupture, and if every open rupture among them was repaired; and what happens as a share of them,
    from none to all, was in truth open, or repaired, in all untested sessions or only in those
    followed by dropout. Between none and all it is chance which sessions were: they are drawn
    `imputations` times, the same numbers deciding at each share, and the fits pooled by Rubin's
    rules. Only the state in the session itself is changed, not that of later ones.

    Parameters
    ----------
    rows : DataFrame
        Risk set of one definition and repair rule.
    main : ExposureFit
        Its primary hazard.
    settings : HazardSettings
        How to fit.
    rng : numpy.random.Generator
    imputations : int
        Draws at each share.

    Returns
    -------
    rows : list of dict
        For `sensitivity_table`; ``value`` is the share, for ``tipping_…`` the share at which the
        interval begins or ceases to include 1.
    fits : list of dict
        For the audit.
    """
    fitted = {
        "carried": main,
        "left_out": _fit(rows[~_untested(rows)], settings),
        "open": _fit(with_state(rows, _not_open(rows), "unrepaired"), settings),
        "repaired_if_open": _fit(with_state(rows, _open(rows), "repaired"), settings),
    }
    found = [row for name, fit in fitted.items() for row in _rows(name, fit, settings)]
    audits = [_audit(name, fit, rows, settings) for name, fit in fitted.items() if fit is not main]
    imputed = ImputedHazard.of(rows, main, settings)
    for series in SERIES:
        ends = main, fitted.get(series.all_of_them)
        own, audit = _series(rows, series, ends, imputed, settings, rng, imputations)
        found += own + tipping_rows(pd.DataFrame(own), series.name)
        audits += audit
    return found, audits


def _fit(rows: pd.DataFrame, settings: HazardSettings) -> ExposureFit:
    return fit_exposure(rows, "state", STATES, CONTRASTS, settings)


def _rows(
    setting: str, fit: ExposureFit, settings: HazardSettings, value: float = np.nan, note: str = ""
) -> list[dict]:
    basis = Basis.of(fit.rows)
    found = {pair: fit.estimates[label(pair)].with_reason(note) for pair in CONTRASTS}
    return [
        sensitivity_row(ANALYSIS, setting, pair, estimate, basis, settings.confidence, value=value)
        for pair, estimate in found.items()
    ]


def _series(
    rows: pd.DataFrame,
    series: Supposition,
    ends: tuple[ExposureFit, ExposureFit | None],
    imputed: ImputedHazard,
    settings: HazardSettings,
    rng: np.random.Generator,
    imputations: int,
) -> tuple[list[dict], list[dict]]:
    main, known = ends
    which = series.concerns(rows)
    if not which[rows["at_risk"].to_numpy(bool)].any():
        same = [_rows(series.name, main, settings, share, NO_SESSION) for share in SHARES]
        return [row for part in same for row in part], []
    whole = known or _fit(with_state(rows, which, series.state), settings)
    draws = rng.random((imputations, int(series.concerns(imputed.rows).sum())))
    between = [
        _pooled_rows(series, share, draws < share, imputed, settings) for share in SHARES[1:-1]
    ]
    found = [
        *_rows(series.name, main, settings, SHARES[0]),
        *(row for part, _ in between for row in part),
        *_rows(series.name, whole, settings, SHARES[-1]),
    ]
    audits = [imputed.audit(series.name, [fits for _, fits in between])]
    audits += [] if known else [_audit(series.name, whole, rows, settings, "untested_all")]
    return found, audits


def _pooled_rows(
    series: Supposition,
    share: float,
    changed: Bools,
    imputed: ImputedHazard,
    settings: HazardSettings,
) -> tuple[list[dict], ImputedFits]:
    fits = imputed.fits(series.concerns(imputed.rows), changed, series.state)
    basis = imputed.basis
    out = []
    for pair in CONTRASTS:
        estimate, interval = fits.pooled(pair, settings.confidence)
        given = (ANALYSIS, series.name, pair, estimate, basis, settings.confidence)
        out.append(sensitivity_row(*given, interval=interval, value=share))
    return out, fits


def _audit(
    name: str,
    fit: ExposureFit,
    rows: pd.DataFrame,
    settings: HazardSettings,
    model: str = "untested",
) -> dict:
    given = {
        "model": f"{model}:{name}",
        "definition": str(rows["definition"].iloc[0]) if len(rows) else "",
        "repair_rule": str(rows["repair_rule"].iloc[0]) if len(rows) else "",
    }
    return given | fit.report(settings.confidence)
