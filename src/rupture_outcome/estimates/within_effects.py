"""What the alliance says of symptoms one session later within patients, and the reverse."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from rupture_outcome.coding.follow import STATES, UNREPAIRED
from rupture_outcome.engine.cross_lagged import cross_lagged
from rupture_outcome.engine.dynamic_panel import PanelEffects, dynamic_panel
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import joined, reason
from rupture_outcome.engine.within import lag_model
from rupture_outcome.estimates.hazard.exposure_hazard import GROUPS, hardly_tested

SYMPTOM, OPEN = "symptom", "open"
# What goes with symptoms: an open rupture after a session, and the alliance as rated after it.
PARTNERS = (OPEN, "alliance_patient", "alliance_therapist")
PERSON, TIME = "patient_id", "time"
EARLIER, SERIES, CROSS, PANEL = "lag_earlier", "lag_series", "cross_lagged", "dynamic_panel"
FEWEST_A_STATE = 5  # patients, at each session of a panel
# A method with each of its settings, the first of all being the main one.
LAGS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    (EARLIER, "common"): {"centring": "earlier", "detrend": "common"},
    (EARLIER, "none"): {"centring": "earlier", "detrend": "none"},
    (SERIES, "common"): {"centring": "series", "detrend": "common"},
    (SERIES, "own"): {"centring": "series", "detrend": "own"},
    (SERIES, "no_carry_over"): {"centring": "series", "detrend": "common", "carry_over": False},
}
PANELS: Mapping[str, Mapping[str, Any]] = {
    "common": {},
    "own": {"slopes": True},
    "uncorrelated": {"correlated": False},
}
WITHIN_COLUMNS = (
    *("outcome", "predictor", "method", "setting", "scope", "definition", "repair_rule"),
    *("estimate", "se", "df", "ci_low", "ci_high", "p", "patients", "sessions", "therapists"),
    *("times", "converged", "reason", "fewest_patients"),
)
PANEL_COLUMNS = (
    *("outcome", "predictor", "method", "setting", "definition", "repair_rule", "chi2", "df", "p"),
    *("llf", "rmsea", "cfi", "patients", "sessions", "times", "converged", "reason"),
    "fewest_patients",
)


def within_effects(
    person_sessions: pd.DataFrame,
    sessions: pd.DataFrame,
    primary: Mapping[str, str],
    confidence: float,
    panel_sessions: int = 8,
    min_testable: float = 0.5,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate by several methods what one measure says of another one session later.

    Symptoms are taken before a session and the alliance is rated after it, so that an open rupture
    or the alliance at session s precede the symptom of s + 1; that of s precedes the alliance of s
    + 1. The main method is the two-level lag model centred on earlier sessions, with errors robust
    to therapists.

    Parameters
    ----------
    person_sessions : DataFrame
        Of the primary definition and repair rule.
    sessions : DataFrame
        Scored sessions.
    primary : mapping
        ``definition`` and ``repair_rule`` of `person_sessions`.
    confidence : float
        Level of intervals.
    panel_sessions : int
        Most sessions, on the clock, that enter a panel.
    min_testable : float
        Least share of sessions in which the definition could be tested.

    Returns
    -------
    effects : DataFrame
        One row a pair of measures, method, setting and scope, in points of the outcome a point of
        the predictor.
    panels : DataFrame
        One row a panel: how well it fits.
    """
    key = [PERSON, "session"]
    scores = [name for name in (SYMPTOM, *PARTNERS) if name in sessions]
    rows = person_sessions.merge(sessions[[*key, *scores]], on=key, how="left", validate="1:1")
    rows[OPEN] = rows["state"].eq(STATES[UNREPAIRED]).astype(float)
    untested = hardly_tested(person_sessions, min_testable)
    given = {name: primary[name] for name in ("definition", "repair_rule")}
    effects, panels = [], []
    for partner in PARTNERS[:2] if PARTNERS[2] not in rows else PARTNERS:
        pair = _Pair(rows, partner, panel_sessions, untested if partner == OPEN else "")
        found = [*pair.lags(), *pair.crossed(), *pair.dynamic()]
        found.sort(key=lambda one: one.name["outcome"] != SYMPTOM)
        effects += [_effect_row(row, given, confidence) for row in found]
        panels += [given | row for row in _panel_rows(found)]
    return (
        pd.DataFrame(effects, columns=list(WITHIN_COLUMNS)),
        pd.DataFrame(panels, columns=list(PANEL_COLUMNS)),
    )


@dataclass(frozen=True)
class _Found:
    """An effect under one method, with what it rests on, and the panel that it comes from."""

    name: Mapping[str, str]
    effect: Estimate
    basis: Mapping[str, float]
    panel: PanelEffects | None = None


class _Pair:
    """Symptoms and what goes with them."""

    def __init__(self, rows: pd.DataFrame, partner: str, most: int, untested: str) -> None:
        self.partner, self.most = partner, most
        absent = [
            name for name in (SYMPTOM, partner) if name not in rows or rows[name].isna().all()
        ]
        self.why = joined(untested, *(reason("not_measured", name) for name in absent))
        self.rows = rows.reindex(columns=[*rows.columns, *(set(absent) - {*rows.columns})])
        arms = rows.groupby(OPEN)[PERSON].nunique()
        everybody = int(rows[PERSON].nunique())
        arm = min(int(arms.get(state, 0)) for state in (0.0, 1.0))
        self.fewest = arm if partner == OPEN else everybody

    @property
    def directions(self) -> list[tuple[str, str]]:
        """Outcome and predictor; states of ruptures are no outcome of a linear model."""
        forth = (SYMPTOM, self.partner)
        return [forth] if self.partner == OPEN else [forth, (self.partner, SYMPTOM)]

    def lags(self) -> Iterable[_Found]:
        """Two-level models of all sessions that follow each other."""
        known = self.rows[GROUPS].dropna()
        clustered = len(known.unique()) > 1
        whom = self.rows[GROUPS].where(self.rows[GROUPS].notna(), self.rows[PERSON]).astype(str)
        rows = self.rows.assign(cluster=whom if clustered else self.rows[PERSON])
        for outcome, predictor in self.directions:
            for (method, setting), how in LAGS.items():
                effects, counts, why = {}, (0, 0), self.why
                if not why:
                    found = lag_model(rows, outcome, predictor, PERSON, TIME, "cluster", **how)
                    effects, why = found.estimates, found.reason
                    counts = found.persons, found.rows
                why = joined(why, "" if clustered else reason("no_clusters"))
                basis = self._basis(*counts, int(known.nunique()), np.nan)
                scopes = ("within", "between") if setting == "no_carry_over" else ("within",)
                for scope in scopes:
                    name = self._named(outcome, predictor, method, setting, scope)
                    effect = effects.get(scope, Estimate())
                    yield _Found(name, Estimate(effect.value, effect.se, why, effect.df), basis)

    def crossed(self) -> Iterable[_Found]:
        """Random-intercept cross-lagged panels; one tells of both directions."""
        for setting, how in PANELS.items():
            found = None
            if not self._why_no_panel:
                found = cross_lagged(self.panel, self.partner, SYMPTOM, PERSON, TIME, **how)
            paths = ("first_to_second", "second_to_first")
            for (outcome, predictor), path in zip(self.directions, paths, strict=False):
                name = self._named(outcome, predictor, CROSS, setting)
                yield self._of_panel(name, found, path)

    def dynamic(self) -> Iterable[_Found]:
        """Dynamic panels, one a direction; the predictor may answer to the outcome."""
        for outcome, predictor in self.directions:
            found = None
            if not self._why_no_panel:
                found = dynamic_panel(self.panel, outcome, PERSON, TIME, [predictor])
            name = self._named(outcome, predictor, PANEL, "common")
            yield self._of_panel(name, found, predictor)

    def _of_panel(self, name: Mapping[str, str], found: PanelEffects | None, path: str) -> _Found:
        if found is None:
            why = self._why_no_panel
            return _Found(name, Estimate(reason=why), self._basis(0, 0, 0, np.nan))
        seen = self.panel[[SYMPTOM, self.partner]].notna().any(axis=1)
        therapists = int(self.panel.loc[seen, GROUPS].nunique())
        basis = self._basis(found.persons, int(seen.sum()), therapists, found.times)
        effect = found.estimates.get(path, Estimate(reason=found.reason))
        return _Found(name, effect, basis, found)

    @cached_property
    def panel(self) -> pd.DataFrame:
        """Rows of the first sessions of which enough is known: patients, and both states."""
        first = self.rows[self.rows[TIME] <= self.rows[TIME].min() + self.most]
        seen = first.groupby(TIME)[[SYMPTOM, self.partner]].agg(["count", "nunique"])
        counts = seen.xs("count", axis=1, level=1).min(axis=1)
        used = (counts > 2 * self.most) & (seen.xs("nunique", axis=1, level=1).min(axis=1) > 1)
        if self.partner == OPEN:
            some = first.groupby(TIME)[OPEN].sum()
            used &= np.minimum(some, counts - some) >= FEWEST_A_STATE
        times = used.index[used]
        if len(times):
            gaps = [time for time in used.index if time > times[0] and not used[time]]
            end = min([*gaps, times[0] + self.most, times[-1] + 1])
            times = times[times < end]
        return first[first[TIME].isin(times)]

    @cached_property
    def _why_no_panel(self) -> str:
        if self.why:
            return self.why
        return "" if self.panel[TIME].nunique() >= 3 else reason("too_few_persons")

    def _basis(
        self, patients: int, sessions: int, therapists: int, times: float
    ) -> dict[str, float]:
        return {
            "patients": patients,
            "sessions": sessions,
            "therapists": therapists,
            "times": times,
            "fewest_patients": min(self.fewest, patients),
        }

    def _named(
        self, outcome: str, predictor: str, method: str, setting: str, scope: str = "within"
    ) -> dict[str, str]:
        keys = ("outcome", "predictor", "method", "setting", "scope")
        values = (outcome, predictor, method, setting, scope)
        return dict(zip(keys, values, strict=True))


def _effect_row(found: _Found, given: Mapping[str, str], confidence: float) -> dict[str, Any]:
    known = found.effect if found.effect.known else Estimate(reason=found.effect.reason)
    low, high = known.interval(confidence)
    return {
        **found.name,
        **given,
        "estimate": known.value,
        "se": known.se,
        "df": known.known_df,
        "ci_low": low,
        "ci_high": high,
        "p": float(2.0 * stats.t.sf(abs(known.value / known.se), known.df)),
        **found.basis,
        "converged": known.known,
        "reason": known.reason,
    }


def _panel_rows(found: Iterable[_Found]) -> Iterable[dict[str, Any]]:
    """Give each panel once, how well it fits, and why there is none."""
    told = set()
    for one in found:
        name = {key: one.name[key] for key in ("outcome", "predictor", "method", "setting")}
        if name["method"] not in {CROSS, PANEL}:
            continue
        measures = frozenset((name["outcome"], name["predictor"]))
        which = (name["method"], name["setting"], measures if name["method"] == CROSS else None)
        if which[2] is not None and which in told:
            continue
        told.add(which)
        fit = one.panel.fit if one.panel else None
        counts = ("patients", "sessions", "times", "fewest_patients")
        yield {
            **name,
            "chi2": fit.chi2 if fit else np.nan,
            "df": fit.df if fit else np.nan,
            "p": fit.p_value if fit else np.nan,
            "llf": fit.llf if fit else np.nan,
            "rmsea": fit.rmsea if fit else np.nan,
            "cfi": fit.cfi if fit else np.nan,
            **{key: one.basis[key] for key in counts},
            "converged": bool(fit and fit.converged),
            "reason": one.panel.reason if one.panel else one.effect.reason,
        }
