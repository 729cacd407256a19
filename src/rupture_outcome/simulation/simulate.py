"""Simulated studies with known truth: data-generating processes and the example study.

Regenerate the example with
``python -m rupture_outcome.simulation.simulate --seed N --out data/example``.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from rupture_outcome.simulation.dictionary import MISSING_CODE, describe_study
from rupture_outcome.simulation.observers import draw_observers
from rupture_outcome.simulation.people import People, draw_people
from rupture_outcome.simulation.process import draw_course
from rupture_outcome.simulation.questionnaires import (
    PATIENT_FORM,
    THERAPIST_FORM,
    add_days,
    attended_rows,
    draw_endings,
    draw_sessions,
    draw_slots,
    latent_rows,
    missed_sessions,
)
from rupture_outcome.simulation.truth import Truth, described

__all__ = ["EXAMPLE_SEED", "Study", "Truth", "simulate", "write_example"]

EXAMPLE_SEED = 20261123
ENTERED_TWICE = 0.003
CODED_AS_MISSING = 0.4
BASELINE_MISSING = {"age_band": 0.015, "gender": 0.01, "severity": 0.03}


@dataclass(frozen=True)
class Study:
    """A simulated study: the five tables of the data contract, and what lies behind them.

    Missing values are NA; each key is unique. `latent` and `effects` are known only because the
    study is simulated, and no analysis may use them but to judge itself.

    Attributes
    ----------
    patients, sessions, markers, ratings, endings : DataFrame
        Tables under contract names; `sessions` holds WAI-SR items ``wai_01`` … ``wai_12``.
    latent : DataFrame
        Row per attended session: patient_id, session, attended_session, latent_state,
        latent_onset, latent_repair, latent_kind, latent_fall (WAI-SR points).
    effects : DataFrame
        Row per therapist: therapist_id, rupture, repair, dropout (log odds), alliance (points).
    """

    patients: pd.DataFrame
    sessions: pd.DataFrame
    markers: pd.DataFrame
    ratings: pd.DataFrame
    endings: pd.DataFrame
    latent: pd.DataFrame
    effects: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the data contract by name."""
        names = ("patients", "sessions", "markers", "ratings", "endings")
        return {name: getattr(self, name) for name in names}


def simulate(truth: Truth, rng: np.random.Generator) -> Study:
    """Draw a study from `truth`.

    A latent process runs in every treatment: the alliance is intact, in an unrepaired rupture, or
    repaired. Ruptures and repairs happen in sessions, at rates that differ between therapists. The
    state moves alliance ratings, symptoms before the next session and the log odds of dropout by
    the amounts that `truth` states; observers and questionnaires see it through noise.

    Parameters
    ----------
    truth : Truth
        Sizes and true effects.
    rng : numpy.random.Generator
        Source of all randomness; the same state gives the same study.

    Returns
    -------
    Study

    Examples
    --------
    >>> study = simulate(Truth(patients=50, therapists=8), np.random.default_rng(1))
    >>> len(study.patients), sorted(study.latent["latent_state"].unique())
    (50, ['intact', 'repaired', 'unrepaired'])
    """
    people = draw_people(truth, rng)
    course = draw_course(truth, people, rng)
    rows = attended_rows(course, draw_slots(course.state.shape, rng))
    endings = draw_endings(people, course, rows, rng)
    attended = draw_sessions(truth, people, rows, rng)
    markers, ratings = draw_observers(truth, people, rows, rng)
    sessions = pd.concat([attended, missed_sessions(people, rows, endings)], ignore_index=True)
    return Study(
        patients=_leave_out_baseline(people.patients, rng),
        sessions=_name_sessions(sessions, people, rng),
        markers=markers,
        ratings=ratings,
        endings=endings.drop(columns="missed"),
        latent=latent_rows(people, rows),
        effects=people.effects.assign(therapist_id=people.therapist_ids),
    )


def write_example(folder: Path | str, seed: int = EXAMPLE_SEED, truth: Truth | None = None) -> None:
    """Write a simulated study as its field would deliver it, with its dictionary and its truth.

    Writes the five tables as CSV, ``datapackage.json``, ``truth.csv`` and ``truth.json``. Some
    missing answers become the code -99, and some session rows are entered twice. The same seed
    gives the same bytes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    truth = truth or Truth()
    rng = np.random.default_rng(seed)
    study = simulate(truth, rng)
    tables = study.tables | {"sessions": _as_entered(study.sessions, rng)}
    for name, table in tables.items():
        _write_csv(table, folder / f"{name}.csv")
    _write_csv(study.latent, folder / "truth.csv")
    _write_json(describe_study(seed, truth), folder / "datapackage.json")
    _write_json(_truth_record(seed, truth, study), folder / "truth.json")


def _leave_out_baseline(patients: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    out = patients.astype({"severity": "Int64"})
    for column, rate in BASELINE_MISSING.items():
        out[column] = out[column].mask(rng.random(len(out)) < rate)
    return out


def _name_sessions(
    sessions: pd.DataFrame, people: People, rng: np.random.Generator
) -> pd.DataFrame:
    """Put identifiers for positions, columns in the order of the contract, rows in order."""
    out = sessions.assign(
        patient_id=people.patients["patient_id"].to_numpy()[sessions["i"]],
        therapist_id=people.therapist_ids[sessions["therapist"]],
        day=add_days(sessions, people, rng),
    )
    items, psq = PATIENT_FORM[:12], PATIENT_FORM[12:]
    answers = [*items, "alliance_therapist", "symptom", *psq, *THERAPIST_FORM[1:]]
    out[answers] = out[answers].astype("Int64")
    order = ["patient_id", "session", "day", "attended", "therapist_id", *answers]
    return out[order].sort_values(["patient_id", "session"], ignore_index=True)


def _as_entered(sessions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Code some missing answers as such, and enter some sessions twice."""
    out = sessions.copy()
    attended = (out["attended"] == 1).to_numpy()
    for form in (PATIENT_FORM, THERAPIST_FORM, ["symptom"]):
        coded = attended & (rng.random(len(out)) < CODED_AS_MISSING)
        for column in form:
            # what was not asked has no code
            asked = out[column.replace("resolution", "rupture")].fillna(0) == 1
            blank = out[column].isna() & (asked if "resolution" in column else True)
            out.loc[coded & blank, column] = MISSING_CODE
    twice = np.flatnonzero(rng.random(len(out)) < ENTERED_TWICE)
    later = np.minimum(twice + rng.choice([1, 1, 1, 3, 40, len(out)], len(twice)), len(out) - 1)
    order = np.concatenate([np.arange(len(out)), later + 0.5]).argsort(kind="stable")
    return out.iloc[np.concatenate([np.arange(len(out)), twice])[order]]


def _truth_record(seed: int, truth: Truth, study: Study) -> dict[str, object]:
    rounded = study.effects.round(4).set_index("therapist_id")
    return {
        "description": "True values behind the simulated study. They are known only because the "
        "data are simulated. Points are WAI-SR or PHQ-9 sum points; therapist effects are log "
        "odds of rupture, repair and dropout per session, and WAI-SR points.",
        "seed": seed,
        "truth": described(truth),
        "therapists": rounded.to_dict(orient="index"),
    }


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _write_json(record: dict[str, object], path: Path) -> None:
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a simulated study to a folder."""
    parser = argparse.ArgumentParser(description="Write the simulated example study.")
    parser.add_argument("--seed", type=int, default=EXAMPLE_SEED)
    parser.add_argument("--out", type=Path, default=Path("data/example"))
    given = parser.parse_args(arguments)
    write_example(given.out, given.seed)


if __name__ == "__main__":
    main()
