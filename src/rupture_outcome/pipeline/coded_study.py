"""A study read, cleaned, scored and coded at once, as the first rules of a run do one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.coding.episodes import code_episodes
from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.cohort.risk_set import person_sessions
from rupture_outcome.cohort.specifications import prospective_filter
from rupture_outcome.study.clean import clean_study
from rupture_outcome.study.read import read_study
from rupture_outcome.study.score import score_sessions
from rupture_outcome.study.tables import StudyTables


@dataclass(frozen=True)
class CodedStudy:
    """What a run makes of a study before any model is fitted.

    Parameters
    ----------
    study : StudyTables
        Clean.
    sessions : DataFrame
        Scored.
    ruptures, scales, episodes, states, person_sessions, flow : DataFrame
        As the files of these names in `coding` and `models`.
    """

    study: StudyTables
    sessions: pd.DataFrame
    ruptures: pd.DataFrame
    scales: pd.DataFrame
    episodes: pd.DataFrame
    states: pd.DataFrame
    person_sessions: pd.DataFrame
    flow: pd.DataFrame


def code_study(config: Mapping[str, Any]) -> CodedStudy:
    """Read and code a study.

    Parameters
    ----------
    config : mapping
        A complete config, see `rupture_outcome.pipeline.config.load`.

    Raises
    ------
    StudyError
        Whatever a run would stop at before its models.
    """
    study = clean_study(read_study(config), config["cleaning"])
    return code_clean(study, config)


def code_clean(study: StudyTables, config: Mapping[str, Any]) -> CodedStudy:
    """Code a clean study; see `code_study`."""
    instruments, coding, dropout = (config[key] for key in ("instruments", "coding", "dropout"))
    [(_, _, prospective)] = prospective_filter(coding)
    sessions = score_sessions(study.sessions, instruments)
    ruptures, scales = code_ruptures(sessions, study.ratings, instruments, coding, study.markers)
    episodes, states = code_episodes(ruptures, sessions, instruments, coding, study.ratings)
    rows, flow = person_sessions(
        sessions,
        study.patients,
        study.endings,
        states=states[states["definition"].isin(prospective)],
        ruptures=ruptures[ruptures["definition"].isin(prospective)],
        dropout_definition=dropout["definition"],
        clock=config["clock"],
        covariates=config["models"]["covariates"],
        limits=DropoutLimits.from_config(dropout),
        instruments=instruments,
    )
    return CodedStudy(study, sessions, ruptures, scales, episodes, states, rows, flow)
