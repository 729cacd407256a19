"""Case pages show ratings, limits and codes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.cases.cases import DTYPES, no_cases
from rupture_outcome.look.notice import NO_INDIVIDUALS
from rupture_outcome.products.cases import alt_text, configured, same_limits
from rupture_outcome.products.registry import products
from tests.unit.figure_texts import NAMES, overlapping, texts
from tests.unit.products.looks import REAL, SIMULATED

AHEAD = NAMES[6:]
SOURCES = {
    "psq_patient": "psq_patient_tension",
    "psq_therapist": "psq_therapist_tension",
    "observer": "observer_salience",
}


INSTRUMENT = {"measures": "alliance_patient", "range": [12, 60], "direction": 1}


def case_figure(cases, number, look=REAL, **instruments):
    coding = {"definitions": {"drop_sd": {"k": 2}}}
    look = replace(look, settings={"instruments": instruments, "coding": coding})
    return products()[f"case_{number}"].draw({"cases": cases}, look).figure


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    rows = []
    for i, definition in enumerate(NAMES):
        source = SOURCES.get(definition, "alliance_patient")
        for session in range(1, 13):
            missed, score = session == 7, 55.0 - 12 * (session == 5)
            limit = 40.0 + i // 2 if source == "alliance_patient" else 3.0
            found = session == 5 and i % 3 == 0
            rows.append(
                {
                    "case": 1,
                    "role": "clear_v",
                    "session": session,
                    "attended": int(not missed),
                    "score": np.nan if missed else score,
                    "definition": definition,
                    "class": "retrospective" if definition in AHEAD else "prospective",
                    "source": source,
                    "observed": np.nan if missed else score if limit > 5 else 2.0,
                    "limit": np.nan if missed or session == 1 else limit,
                    "verdict": None if missed else "detected" if found else "not_detected",
                    "true_state": None if missed else "unrepaired" if session == 5 else "intact",
                    "true_onset": float(session == 5),
                }
            )
    frame = pd.DataFrame(rows)
    swept = frame.assign(parameter="k", value=2.0, verdict="detected")
    both = pd.concat([frame, swept], ignore_index=True)
    return both.reindex(columns=list(DTYPES)).astype(DTYPES)


def test_a_case_is_drawn_without_overlapping_texts(cases):
    figure = case_figure(cases, 1, SIMULATED, scale=INSTRUMENT)
    assert overlapping(figure) == []
    shown = texts(figure)
    assert {"Case 1: a clear V", "True state, as simulated", "Simulated data"} <= set(shown)
    assert shown.count("1 of 11") == 4
    assert shown.count("0 of 11") == 7


def test_only_codes_under_the_config_are_drawn(cases):
    assert configured(cases, 1)["parameter"].isna().all()
    assert len(configured(cases, 1)) == 12 * len(NAMES)


def test_definitions_with_the_same_limit_share_a_line(cases):
    groups = [names for names, _ in same_limits(configured(cases, 1))]
    assert ["drop_sd", "drop_rci"] in groups
    assert sum(len(names) for names in groups) == 8


def test_a_study_without_reports_or_truth_has_fewer_panels(cases):
    bare = cases[~cases["definition"].isin(list(SOURCES))].assign(true_state=None)
    figure = case_figure(bare, 1)
    assert len(figure.axes) == 2
    assert "True state, as simulated" not in texts(figure)


def test_alt_text_says_who_found_what(cases):
    alt = alt_text(cases, 1)
    assert "Fall in alliance of at least k SD: 5;" in alt
    assert "Fall in alliance beyond reliable change: none;" in alt


def test_cases_that_may_not_be_shown_are_a_sentence(cases):
    assert NO_INDIVIDUALS in texts(case_figure(no_cases(), 2))
    assert alt_text(no_cases(), 2) == NO_INDIVIDUALS
    assert alt_text(cases, 3).startswith("No case 3:")
