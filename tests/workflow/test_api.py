"""The functions of data frames give what a run of the pipeline writes."""

from pathlib import Path

import pandas as pd

import rupture_outcome as ro
from rupture_outcome.pipeline.config import load
from tests.running import EXAMPLE

COVARIATE = "severity"


def test_the_functions_give_what_a_run_writes(example_results: Path, tmp_path: Path) -> None:
    def written(name: str) -> pd.DataFrame:
        return pd.read_parquet(example_results / f"{name}.parquet")

    config = load(EXAMPLE)
    instrument = config["instruments"]["wai_sr"]
    n = len(instrument["items"])
    options = {
        "definition": config["coding"]["definitions"],
        "reliability": instrument["reliability"],
        "range": tuple(n * end for end in instrument["range"]),
        "ratings": written("study/clean/ratings"),
        "markers": written("study/clean/markers"),
    }
    rules = {"repair_rule": config["coding"]["repair_rules"]}
    sessions = written("study/scored/sessions")
    people = written("study/clean/patients").merge(written("study/clean/endings"), on="patient_id")
    made = {
        "coding/ruptures": ro.code_ruptures(sessions, **options),
        "coding/episodes": ro.episodes(sessions, **rules, **options),
        "coding/states": ro.states(sessions, **rules, **options),
        "models/person_sessions": ro.person_sessions(
            sessions, people, covariates=[COVARIATE], **rules, **options
        ),
    }
    for name, frame in made.items():
        frame.to_parquet(tmp_path / "frame.parquet")  # types as in a file
        found = pd.read_parquet(tmp_path / "frame.parquet")
        pd.testing.assert_frame_equal(found, written(name), check_exact=True)
