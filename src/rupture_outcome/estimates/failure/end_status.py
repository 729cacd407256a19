"""What became of each patient: better, worse or the same at the end, and who left."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.scales import Instrument, instrument_of
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.reasons import joined, reason, rounded
from rupture_outcome.engine.reliable_change import (
    CRITICAL,
    NOT_JUDGED,
    Index,
    Method,
    Norm,
    Sample,
    change_index,
    classify,
)
from rupture_outcome.estimates.failure.cutoffs import FailureSettings, cutoffs
from rupture_outcome.estimates.failure.end_points import END_POINTS, SYMPTOM, end_points

BETTER = ("recovered", "improved")
WORSE = ("deteriorated", "harmed")
CLINICAL, FUNCTIONAL, NOT_KNOWN = "clinical", "functional", "not_known"
STARTS = (CLINICAL, FUNCTIONAL, NOT_KNOWN)
# Why somebody is not judged, in the order in which it is looked for: each patient has one.
WHY_NOT = ("not_followed", "in_treatment", "never_rated", "rated_once", "no_index")
# Of those who start: where more are in the functional range, the scale may be turned round.
MOST_FUNCTIONAL = 0.5
FAR = 1e300
STATUS_COLUMNS = (
    *("patient_id", "end_point", "method", "before", "after", "at", "start", "event"),
    *("status", "why", "reason"),
)


@dataclass(frozen=True)
class Started:
    """Patients at the start, with all that their change is judged by.

    Attributes
    ----------
    ends : DataFrame
        From `end_points`.
    instrument : Instrument
        Of the symptoms.
    cut : array, shape (patients,)
        Points; NaN where not known.
    mean, sd : float
        Of the first scores of all who were rated.
    """

    ends: pd.DataFrame
    instrument: Instrument
    cut: Floats
    mean: float
    sd: float

    @classmethod
    def of(
        cls,
        sessions: pd.DataFrame,
        patients: pd.DataFrame,
        instruments: Mapping[str, Mapping[str, Any]],
        settings: FailureSettings,
    ) -> "Started":
        """Put scores and cut-offs together.

        Parameters
        ----------
        sessions, patients, instruments, settings
            As for `end_status`.
        """
        instrument = instrument_of(SYMPTOM, instruments)
        ends = end_points(sessions, instrument.range)
        first = ends["before"].dropna()
        mean, sd = float(first.mean()), float(first.std(ddof=1))
        own = patients.drop_duplicates("patient_id").set_index("patient_id")
        entry = instruments.get(instrument.name or "", {})
        cut = cutoffs(
            own.reindex(ends["patient_id"]),
            {"direction": instrument.direction, **entry},
            settings,
            Norm(mean, sd),
            instrument.name or "",
        )
        return cls(ends, instrument, cut, mean, sd)

    @property
    def before(self) -> Floats:
        """First scores, shape (patients,)."""
        return self.ends["before"].to_numpy(float)

    @property
    def start(self) -> Any:
        """Whether each patient starts in the clinical range, the functional one, or not known."""
        away = self.instrument.direction * (self.before - self.cut)
        return np.select([away < 0, away >= 0], [CLINICAL, FUNCTIONAL], NOT_KNOWN)

    @property
    def caution(self) -> str:
        """Say where no cut-off is known, or where most start beyond it."""
        if not np.isfinite(self.cut).any():
            return reason("no_cutoff")
        known = self.start[self.start != NOT_KNOWN]
        share = float(np.mean(known == FUNCTIONAL)) if len(known) else 0.0
        return reason("most_start_functional", rounded(share)) if share > MOST_FUNCTIONAL else ""

    def index(self, after: Floats, method: Method) -> Index:
        """Standardise the change to scores `after`, shape (patients,), or say why not."""
        if self.instrument.reliability is None:
            return Index(np.full(len(after), np.nan), reason("no_reliability"))
        sample = replace(Sample.of(self.before, after), mean=self.mean, sd=self.sd)
        return change_index(self.before, after, self.instrument.reliability, method, sample)

    def status(self, after: Floats, method: Method, index: Index) -> Any:
        """Classify; who has no cut-off can be better, but not recovered.

        Parameters
        ----------
        after : array, shape (patients,)
            Scores, in points.
        method : str
        index : Index
            Of these scores.
        """
        direction = self.instrument.direction
        cut = np.where(np.isfinite(self.cut), self.cut, direction * FAR)
        return classify(self.before, after, index.value, cut, direction, CRITICAL[method])


def end_status(
    person_sessions: pd.DataFrame,
    sessions: pd.DataFrame,
    patients: pd.DataFrame,
    instruments: Mapping[str, Mapping[str, Any]],
    settings: FailureSettings,
    methods: Sequence[Method] = (),
) -> pd.DataFrame:
    """Judge the change of each patient from the first score to both end points.

    Mean and SD of the scores before are those of all patients who were ever rated, as for
    `rupture_outcome.cohort.treatment_endings`; what a method needs of scores after is of those with
    both.

    Parameters
    ----------
    person_sessions : DataFrame
        Of the primary definition and repair rule: whom the models follow, and how they ended.
    sessions : DataFrame
        Scored sessions.
    patients : DataFrame
        ``patient_id`` and, where the study has them, ``age_band`` and ``gender``.
    instruments : mapping
        Section `instruments` of the config.
    settings : FailureSettings
    methods : sequence of str, optional
        Of reliable change; by default that of the settings.

    Returns
    -------
    DataFrame
        One row a patient who attended a session, end point and method: ``before`` and ``after``
        (points), ``at`` (the session that the latter stands for), ``start`` (of `STARTS`),
        ``event`` (how the treatment ended), ``status`` (of
        `rupture_outcome.engine.reliable_change.classify`), ``why`` it is not judged (of `WHY_NOT`;
        empty where it is), and ``reason``, of what holds for all patients.

    Raises
    ------
    StudyError
        Norms that do not fit the direction of the scale.
    """
    started = Started.of(sessions, patients, instruments, settings)
    last = person_sessions.drop_duplicates("patient_id", keep="last").set_index("patient_id")
    event = last["event"].astype(object).reindex(started.ends["patient_id"]).to_numpy()
    chosen = tuple(methods) or (settings.method,)
    parts = [_judged(started, event, end, method) for end in END_POINTS for method in chosen]
    return pd.concat(parts, ignore_index=True)[list(STATUS_COLUMNS)]


def _judged(started: Started, event: Any, end_point: str, method: Method) -> pd.DataFrame:
    ends = started.ends
    after = ends[end_point].to_numpy(float)
    index = started.index(after, method)
    status = started.status(after, method, index)
    ratings = ends["ratings"].to_numpy()
    why = np.select(
        [pd.isna(event), event == "none", ratings == 0, ratings == 1, status == NOT_JUDGED],
        WHY_NOT,
        "",
    )
    return ends[["patient_id", "before"]].assign(
        end_point=end_point,
        method=method,
        after=after,
        at=ends[f"{end_point}_at"],
        start=started.start,
        event=event,
        status=np.where(why == "", status, NOT_JUDGED),
        why=why,
        reason=joined(index.reason, started.caution, *_of_model(ends, end_point)),
    )


def _of_model(ends: pd.DataFrame, end_point: str) -> Iterator[str]:
    """Why the model expects nothing of some patients, once."""
    column = f"{end_point}_reason"
    yield from sorted(set(ends[column]) - {""}) if column in ends else ()
