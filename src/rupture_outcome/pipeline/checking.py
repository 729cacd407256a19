"""What `check` does: everything that is wrong at once, and what a study that can be used holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.check import check_coding
from rupture_outcome.cohort.specifications import check_choices
from rupture_outcome.engine.consistency import alpha_and_omega
from rupture_outcome.errors import Problem, StudyError, grouped
from rupture_outcome.estimates.prospects import (
    definition_prospects,
    expected_precision,
    repair_prospects,
)
from rupture_outcome.pages.check_page import Findings
from rupture_outcome.pages.questionnaires import taken
from rupture_outcome.pipeline.coded_study import code_clean
from rupture_outcome.study.clean import clean_study
from rupture_outcome.study.gate.admission import accepted_notes
from rupture_outcome.study.missingness import missingness
from rupture_outcome.study.odd_courses import odd_courses
from rupture_outcome.study.oddities import odd_items, odd_reliabilities
from rupture_outcome.study.rare_combinations import rare_combinations
from rupture_outcome.study.read import read_study
from rupture_outcome.study.score import complete_forms, score_sessions
from rupture_outcome.study.tables import StudyTables

CONSISTENCY = ["instrument", "declared", "forms", "patients"]
CONSISTENCY += [f"{which}{end}" for which in ("alpha", "omega") for end in ("", "_low", "_high")]


@dataclass(frozen=True)
class Checked:
    """A study in which nothing is wrong.

    Parameters
    ----------
    study : StudyTables
        As read.
    clean : StudyTables
    sessions : DataFrame
        Scored.
    notes : list of str
        What is odd.
    """

    study: StudyTables
    clean: StudyTables
    sessions: pd.DataFrame
    notes: list[str]


def check_study(config: Mapping[str, Any]) -> Checked:
    """Read a study and look at all that a run would stop at.

    Parameters
    ----------
    config : mapping
        A complete config.

    Raises
    ------
    StudyError
        All problems, those of one cause together.
    """
    coding, instruments = config["coding"], config["instruments"]
    found: list[Problem] = []
    _collected(found, lambda: check_choices(coding))
    study = _collected(found, lambda: read_study(config))
    if found or study is None:
        raise StudyError(grouped(found))
    clean = clean_study(study, config["cleaning"])
    sessions = score_sessions(clean.sessions, instruments)
    _collected(
        found,
        lambda: check_coding(sessions, clean.ratings, instruments, coding, clean.markers),
    )
    if found:
        raise StudyError(grouped(found))
    as_read = study.sessions.assign(attended=study.sessions["attended"].fillna(1))
    notes = [
        *accepted_notes(study.gate["finding"].tolist(), config["study"]["accept"]),
        *odd_items(clean.sessions, instruments),
        *odd_reliabilities(clean.sessions, instruments),
        *odd_courses(
            score_sessions(as_read.drop_duplicates(), instruments),
            clean.patients,
            clean.ratings,
            instruments,
            study.lines["line"],
        ),
    ]
    if not config["study"]["simulated"]:
        notes += rare_combinations(clean.patients, clean.sessions, clean.endings)
    return Checked(study, clean, sessions, notes)


def look_into(checked: Checked, config: Mapping[str, Any]) -> Findings:
    """Say what a study holds and what it can answer.

    Parameters
    ----------
    checked : Checked
        From `check_study`.
    config : mapping
        A complete config.

    Raises
    ------
    StudyError
        The study cannot be coded, or nobody is left for the models.
    """
    coded = code_clean(checked.clean, config)
    coding, instruments = config["coding"], config["instruments"]
    return Findings(
        title=config["study"]["title"],
        size=size(checked.study),
        notes=checked.notes,
        missing=missingness(coded.sessions, instruments),
        consistency=consistency(checked.clean.sessions, instruments, config["seed"]),
        taken=taken(instruments),
        definitions=definition_prospects(coded.ruptures, coding),
        repairs=repair_prospects(coded.episodes, coding),
        precision=expected_precision(coded.person_sessions, coding["primary"]),
        min_testable=config["models"]["min_testable"],
        primary=coding["primary"],
    )


def size(study: StudyTables) -> str:
    """Say how large a study is, as it was read."""
    return f"{len(study.patients):,} patients and {len(study.sessions):,} session rows"


def consistency(
    sessions: pd.DataFrame, instruments: Mapping[str, Mapping[str, Any]], seed: int
) -> pd.DataFrame:
    """Estimate alpha and omega of each instrument with items, beside the declared reliability.

    Parameters
    ----------
    sessions : DataFrame
        Clean sessions with the item columns.
    instruments : mapping
        Section `instruments` of the config.
    seed : int
        Of the bootstrap.
    """
    rows = []
    for name, one in instruments.items():
        if not one["items"]:
            continue
        forms, patient = complete_forms(sessions, one)
        cluster = pd.factorize(patient)[0]
        found = alpha_and_omega(forms, cluster, rng=np.random.default_rng(seed))
        about = (name, one["reliability"], len(forms), len(np.unique(cluster)))
        rows.append((*about, *np.column_stack([found.estimate, found.low, found.high]).ravel()))
    return pd.DataFrame(rows, columns=CONSISTENCY)


def _collected(found: list[Problem], call: Callable[[], Any]) -> Any:
    try:
        return call()
    except StudyError as error:
        found.extend(error.problems)
    return None
