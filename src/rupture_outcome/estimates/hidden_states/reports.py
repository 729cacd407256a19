"""All reports of ruptures and repairs in a study, and what is known of them beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.coding.inputs import build_panel
from rupture_outcome.coding.scales import first_session_sd, instrument_of, reliable_change
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import reached
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.hidden_states.structure import Move, Report, Structure

Codes = NDArray[np.int8]
MISSING, NO, YES, RISE = -1, 0, 1, 2

# Phases: no rupture so far; a rupture begins; it is still open; it is repaired; repaired before.
PHASES = ("intact", "begins", "open", "mends", "repaired")
STATE_OF_PHASE = (0, 1, 1, 2, 2)
# Between ruptures a session looks the same before the first and after a repaired one.
SEEN, CHANGED = (0, 1, 1, 2, 0), (0, 1, 2, 3, 0)
MOVES = (
    Move((0,), (0, 1), (0.88, 0.12)),
    Move((1, 2), (2, 3), (0.65, 0.35)),
    Move((3, 4), (4, 1), (0.85, 0.15)),
)
# Thresholds make a rating a yes or no; how often that is wrong is estimated with the rest.
RESOLVED, SALIENT, SEEN_RESOLVED = 4.0, 2.0, 2.5
START = {
    "rupture": ((0.93, 0.07), (0.45, 0.55), (0.5, 0.5)),
    "resolution": ((0.4, 0.6), (0.9, 0.1), (0.2, 0.8)),
    "salience": ((0.6, 0.4), (0.1, 0.9), (0.3, 0.7)),
    "seen_resolution": ((0.95, 0.05), (0.8, 0.2), (0.1, 0.9)),
    "change": ((0.92, 0.04, 0.04), (0.5, 0.49, 0.01), (0.88, 0.06, 0.06), (0.5, 0.01, 0.49)),
}


@dataclass(frozen=True)
class Source:
    """A report that a study may hold.

    Parameters
    ----------
    name : str
    start : str
        Key of `START`.
    columns : tuple of str
        Of the sessions; any of them at or above `threshold` is a yes.
    threshold : float or None
        None for scores, whose reliable falls and rises are reports.
    """

    name: str
    start: str
    columns: tuple[str, ...]
    threshold: float | None = None

    @property
    def sees(self) -> str:
        """What a yes is a report of: an open rupture, its beginning or its repair."""
        if self.threshold is None:
            return "begins"
        return "mends" if "resolution" in self.start else "open"

    @property
    def report(self) -> Report:
        """The report for the engine."""
        return Report(self.name, CHANGED if self.start == "change" else SEEN, START[self.start])


SOURCES = (
    Source("patient_rupture", "rupture", ("psq_patient_rupture",), 1.0),
    Source("patient_resolution", "resolution", ("psq_patient_resolution",), RESOLVED),
    Source("therapist_rupture", "rupture", ("psq_therapist_rupture",), 1.0),
    Source("therapist_resolution", "resolution", ("psq_therapist_resolution",), RESOLVED),
    Source(
        "observer_rupture", "salience", ("observer_withdrawal", "observer_confrontation"), SALIENT
    ),
    Source("observer_resolution", "seen_resolution", ("observer_resolution",), SEEN_RESOLVED),
    Source("patient_alliance", "change", ("alliance_patient",)),
    Source("therapist_alliance", "change", ("alliance_therapist",)),
)


@dataclass(frozen=True)
class StudyReports:
    """The reports of a study, session by session.

    Attributes
    ----------
    sources : tuple of Source
        Those with any report.
    codes : array of int, shape (rows, sources)
        `NO`, `YES`, for scores also `RISE`; `MISSING` where nothing was reported.
    """

    sources: tuple[Source, ...]
    codes: Codes

    @property
    def structure(self) -> Structure:
        """Phases and moves with these reports."""
        reports = tuple(source.report for source in self.sources)
        return Structure(STATE_OF_PHASE, 0, MOVES, reports)


def study_reports(
    rows: pd.DataFrame,
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Mapping[str, Any],
    coding: Mapping[str, Any],
) -> StudyReports:
    """Collect the reports of every session; a score is compared with that of the session before.

    Parameters
    ----------
    rows : DataFrame
        ``patient_id``, ``session``: the sessions wanted, in their order.
    sessions : DataFrame
        Scored sessions.
    ratings : DataFrame or None
        Observers' ratings of sessions.
    instruments, coding : mapping
        Sections of the config: reliability of scores, whether they are compared over gaps.

    Examples
    --------
    >>> told = {"psq_patient_rupture": [0, 1], "psq_patient_resolution": [None, 2.0]}
    >>> sessions = pd.DataFrame({"patient_id": "a", "session": [1, 2], **told})
    >>> found = study_reports(sessions, sessions, None, {}, {})
    >>> [source.name for source in found.sources], found.codes.tolist()
    (['patient_rupture', 'patient_resolution'], [[0, -1], [1, 0]])
    """
    columns = [column for source in SOURCES for column in source.columns]
    panel = build_panel(sessions, ratings, instruments, coding, columns)
    place = _places(rows, panel)
    kept, codes = [], []
    for source in SOURCES:
        reported = _code(source, panel, instruments)[place]
        if (reported != MISSING).any():
            kept.append(source)
            codes.append(reported)
    together = np.stack(codes, axis=1) if codes else np.zeros((len(rows), 0), np.int8)
    return StudyReports(tuple(kept), together)


def _code(source: Source, panel: Panel, instruments: Mapping[str, Any]) -> Codes:
    if source.threshold is None:
        return _changes(panel, source.columns[0], instruments)
    values = np.stack([panel[column] for column in source.columns])
    known = ~np.isnan(values).all(axis=0)
    yes = reached(values, source.threshold).any(axis=0)
    return np.where(known, np.where(yes, YES, NO), MISSING).astype(np.int8)


def _changes(panel: Panel, column: str, instruments: Mapping[str, Any]) -> Codes:
    """Reliable falls and rises; missing throughout where nobody knows what is reliable."""
    reliability = instrument_of(column, instruments).reliability
    score: Floats = panel[column]
    if reliability is None or np.isnan(score).all():
        return np.full(len(panel), MISSING, np.int8)
    threshold = reliable_change(first_session_sd(panel, score).value, reliability)
    change = np.where(threshold > 0, score - panel.previous(score), np.nan)
    fell, rose = reached(-change, threshold), reached(change, threshold)
    codes = np.select([np.isnan(change), fell, rose], [MISSING, YES, RISE], NO)
    return codes.astype(np.int8)


def _places(rows: pd.DataFrame, panel: Panel) -> NDArray[np.intp]:
    """Row of the panel of each row."""
    keys = {"patient_id": panel.patient_ids.astype("str"), "session": panel.session}
    wanted = rows[list(keys)].astype({"patient_id": "str", "session": "int64"})
    return pd.MultiIndex.from_frame(pd.DataFrame(keys)).get_indexer(
        pd.MultiIndex.from_frame(wanted)
    )


def true_phases(rows: pd.DataFrame, truth: pd.DataFrame) -> NDArray[np.int64]:
    """Phase of each session of a simulated study, a place in `PHASES`; -1 where it is not known.

    Parameters
    ----------
    rows : DataFrame
        ``patient_id``, ``session``.
    truth : DataFrame
        ``patient_id``, ``session``, ``latent_state``, ``latent_onset``, ``latent_repair``.
    """
    keys = ["patient_id", "session"]
    known = truth.astype({"patient_id": "str"})
    both = rows[keys].astype({"patient_id": "str"}).merge(known, on=keys, how="left")
    state = both["latent_state"]
    conditions = [
        state.eq("unrepaired") & both["latent_onset"].eq(1),
        state.eq("unrepaired"),
        state.eq("repaired") & both["latent_repair"].eq(1),
        state.eq("repaired"),
        state.eq("intact"),
    ]
    return np.select(conditions, [1, 2, 3, 4, 0], -1)
