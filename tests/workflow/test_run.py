"""The whole workflow, run as its users run it."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from rupture_outcome.engine.reasons import SEPARATOR, parsed
from rupture_outcome.estimates.fit_audit import FIT_FILES
from rupture_outcome.estimates.literature import STUDY
from rupture_outcome.look.reasons import TEMPLATES
from rupture_outcome.pipeline.integrity import OWNER
from rupture_outcome.products.registry import figures, laid_out, tables
from tests.running import ROOT, TAGEBUCH, run_pipeline
from tests.workflow.studies.awkward import AWKWARD

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.py"))
PRODUCTS = [
    *("report.html", "checks.csv", "manifest.json", "study.json", "datapackage.json"),
    *(f"{product.csv}.csv" for product in tables().values()),
    *(f"tables/{name}.html" for name in laid_out()),
    *(f"figures/{name}.{end}" for name in figures() for end in ("svg", "png", "alt.txt")),
    *(f"notebooks/{name}.{end}" for name in NOTEBOOKS for end in ("ipynb", "html")),
    *("coding/ruptures.parquet", "coding/episodes.parquet"),
    *(f"models/{file}.json" for file in FIT_FILES),
]
LEADING = {
    "flow": "step, reason, patients, sessions, removed_patients, removed_sessions",
    "tables/rupture_prevalence": "definition, class, provenance, sessions_testable, "
    "sessions_detected, patients_testable, patients_detected, rate, expected_by_chance",
    "tables/dropout_effects": "analysis, definition, repair_rule, dropout_definition, link, term, "
    "contrast, estimate, se, ci_low, ci_high, ratio, patients, sessions, events, converged",
    "tables/cumulative_incidence": "landmark, state, cause, session, estimate, ci_low, ci_high, "
    "at_risk",
    "tables/state_occupancy": "session, state, estimate, ci_low, ci_high",
    "tables/moderator_effects": "moderator, level",
    "tables/therapist_effects": "outcome, rank, estimate, ci_low, ci_high",
}


def _grouped(name: str) -> object:
    return pytest.param(name, marks=pytest.mark.xdist_group(name))


@pytest.fixture(params=[*map(_grouped, ["example", "tagebuch", *AWKWARD])])
def results(request: pytest.FixtureRequest) -> Path:
    if request.param in AWKWARD:
        return request.getfixturevalue("awkward_results")(request.param)
    return request.getfixturevalue(f"{request.param}_results")


@pytest.mark.slow
def test_every_product_is_there(results: Path) -> None:
    missing = [name for name in PRODUCTS if not (results / name).stat().st_size]
    assert missing == []


@pytest.mark.slow
@pytest.mark.parametrize("table", LEADING)
def test_tables_have_the_columns_of_the_contract(results: Path, table: str) -> None:
    columns = LEADING[table].split(", ")
    assert list(pd.read_csv(results / f"{table}.csv").columns)[: len(columns)] == columns


@pytest.mark.slow
def test_published_codes_are_codes(example_results: Path) -> None:
    """Only what is compared, and sets of definitions, are written with spaces."""
    compound = {"contrast", "detected_by", "compared"}
    spaced = set()
    for product in tables().values():
        table = pd.read_csv(example_results / f"{product.csv}.csv", dtype=str)
        codes = [c.name for c in product.columns if c.kind == "code" and c.name not in compound]
        spaced |= {
            (product.name, code) for code in codes if table[code].str.contains(" ", na=False).any()
        }
    assert not spaced


@pytest.mark.slow
def test_the_manifest_holds_checksums_of_what_is_there(results: Path) -> None:
    manifest = json.loads((results / "manifest.json").read_text())
    for name, checksum in manifest["products"].items():
        assert hashlib.sha256((results / name).read_bytes()).hexdigest() == checksum, name
    assert set(PRODUCTS) - set(manifest["products"]) <= {"manifest.json"}
    assert str(ROOT) not in json.dumps(manifest)


@pytest.mark.slow
def test_logs_are_written_and_name_nobody(results: Path) -> None:
    patients = pd.read_parquet(results / "study" / "read" / "patients.parquet")
    ids = {*patients["patient_id"], *patients["therapist_id"]}
    logs = sorted((results / "logs").glob("*.log"))
    assert len(logs) >= 20
    for log in logs:
        text = log.read_text(encoding="utf-8")
        assert text.strip().endswith("done"), log.name
        assert not ids & set(text.replace(",", " ").split()), log.name


@pytest.mark.slow
def test_logs_count_no_persons_sessions_or_events(tagebuch_results: Path) -> None:
    counted = "patient|person|therapist|rater|unit|session|row|event|rupture|episode|dropout|ending"
    count = re.compile(rf"\d+ (?:\w+ )?(?:{counted})|(?:{counted})\w*[ :=]+\d")
    assert count.search("psq_patient: 12 new ruptures")
    for log in (tagebuch_results / "logs").rglob("*.log"):
        assert not count.search(log.read_text(encoding="utf-8").lower()), log.name


@pytest.mark.slow
def test_what_is_published_names_nobody(results: Path) -> None:
    patients = pd.read_parquet(results / "study" / "read" / "patients.parquet")["patient_id"]
    published = ["report.html", "flow.csv", "checks.csv", "manifest.json", "study.json"]
    for file in [
        *(results / name for name in published),
        *results.glob("tables/*"),
        *results.glob("notebooks/*"),
    ]:
        text = file.read_text(encoding="utf-8")
        assert not any(f">{patient}<" in text or f'"{patient}"' in text for patient in patients), (
            file.name
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", [*map(_grouped, AWKWARD)])
def test_an_awkward_study_has_every_analysis_and_says_why_a_number_is_missing(
    awkward_results: Callable[[str], Path], name: str
) -> None:
    results = awkward_results(name)
    assert not (results.parents[1] / "run_as_code").exists()
    effects = pd.read_csv(results / "tables" / "dropout_effects.csv")
    assert {"hazard", "naive", "landmark", "cox"} == set(effects["analysis"])
    missing = effects[effects["estimate"].isna()]
    rounded = not json.loads((results / "study.json").read_text(encoding="utf-8"))["simulated"]
    assert rounded or missing["reason"].notna().all()
    assert not missing["converged"].any()


@pytest.mark.slow
def test_every_reason_in_data_is_a_code_that_has_words(example_results: Path) -> None:
    frames = [pd.read_parquet(file) for file in example_results.glob("models/*.parquet")]
    published = {file.stem: pd.read_csv(file) for file in example_results.glob("tables/*.csv")}
    literature = published.pop("literature")  # the reasons of the others are theirs
    published.pop("cases")  # its reasons are those of verdicts: why a session could not be tested
    frames += [*published.values(), literature[literature["source"].eq(STUDY)]]
    notes = {note for frame in frames if "reason" in frame for note in frame["reason"].dropna()}
    for file in FIT_FILES:
        fits = json.loads((example_results / "models" / f"{file}.json").read_text(encoding="utf-8"))
        notes |= {fit["reason"] for fit in fits if fit.get("reason")}
    assert {"", "no_event:dropout:repaired", "biased_by_immortal_time"} <= notes
    assert not [note for note in notes if " " in note.replace(SEPARATOR, "")]
    assert {code for note in notes for code, _ in parsed(note)} <= set(TEMPLATES)


@pytest.mark.slow
def test_the_checks_of_the_example_pass(example_results: Path) -> None:
    checks = pd.read_csv(example_results / "checks.csv")
    failed = checks[~checks["passed"]]
    # few events per parameter and a group SD of 0 are cautions, not errors
    cautions = {"events per parameter", "group SD inside the parameter space"}
    errors = failed[~failed["check"].isin(cautions)]
    assert set(errors["check"]) <= {"the fit converged"}
    # what observers coded is a tenth of the sessions, and some landmarks have an empty cell
    known = {"hardly_tested", "no_event", "nobody_at_risk", "empty_cell", "no_kinds"}
    known |= {"none_beyond_window"}
    assert {code for found in errors["found"] for code, _ in parsed(found)} <= known
    main = errors["subject"].str.startswith("hazard, psq_patient, psq_resolved")
    assert not main.any()


@pytest.mark.slow
def test_a_killed_run_on_one_core_is_completed_to_the_same_bytes_as_a_run_on_two(
    tagebuch_results: Path, tmp_path: Path
) -> None:
    """Both parts of the killed run use one core, so that each file compared was made on one."""
    command = [sys.executable, "-m", "rupture_outcome.pipeline.cli", "run", str(TAGEBUCH)]
    command += ["--directory", str(tmp_path), "--cores", "1"]
    first = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    results = tmp_path / "results" / "tagebuch"
    while not (results / "coding" / "ruptures.parquet").exists() and first.poll() is None:
        time.sleep(0.1)
    assert first.poll() is None, "the run ended before it could be killed"
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not (results / "report.html").exists()
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr[-3000:]
    assert _checksums(results) == _checksums(tagebuch_results)


@pytest.mark.slow
def test_a_second_run_has_nothing_to_do(tagebuch_results: Path) -> None:
    again = run_pipeline(TAGEBUCH, tagebuch_results.parents[1], "--dry-run")
    assert again.returncode == 0
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("section", "setting", "rerun", "kept"),
    [
        (
            "disclosure",
            {"threshold": 5},
            {"publish", "study_card"},
            {"read_study", "hazard_effects"},
        ),
        (
            "models",
            {"replicates": 700},
            {"landmark_contrasts", "state_occupancy"},
            {"hazard_effects", "hazard_models", "cox_effects", "therapist_effects", "sensitivity"},
        ),
        ("seed", 1, {"rupture_prevalence"}, {"code_ruptures", "hazard_effects"}),
        ("models", {"link": "cloglog"}, {"hazard_effects"}, {"read_study", "person_sessions"}),
    ],
)
def test_a_setting_reruns_only_what_depends_on_it(
    tagebuch_results: Path,
    tmp_path: Path,
    section: str,
    setting: object,
    rerun: set[str],
    kept: set[str],
) -> None:
    config = yaml.safe_load(TAGEBUCH.read_text(encoding="utf-8"))
    config["study"]["data"] = str(TAGEBUCH.parent)
    config[section] = setting
    changed = tmp_path / "config.yaml"
    changed.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    planned = run_pipeline(changed, tagebuch_results.parents[1], "--dry-run")
    assert planned.returncode == 0, planned.stderr[-2000:]
    jobs = _planned(planned.stdout + planned.stderr)
    assert rerun <= jobs
    assert not kept & jobs


@pytest.mark.slow
def test_a_changed_module_reruns_exactly_the_rules_that_use_it(
    tagebuch_results: Path, tmp_path: Path
) -> None:
    """The first run is one of plain Snakemake, which gives the same files as forked scripts do."""
    checkout = tmp_path / "checkout"
    for part in ("src", "workflow", "config", "profiles", "notebooks", "Snakefile"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, checkout / part)
    first = run_pipeline(TAGEBUCH, tmp_path, "--until", "score_sessions", root=checkout)
    assert first.returncode == 0, first.stderr[-2000:]
    scored = "study/scored/sessions.parquet"
    plain, forked = tmp_path / "results" / "tagebuch" / scored, tagebuch_results / scored
    assert plain.read_bytes() == forked.read_bytes()
    clean = checkout / "src" / "rupture_outcome" / "study" / "clean.py"
    clean.write_text(clean.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    planned = run_pipeline(
        TAGEBUCH, tmp_path, "--until", "score_sessions", "--dry-run", root=checkout
    )
    assert _planned(planned.stdout + planned.stderr) <= {"total"}
    clean.write_text(clean.read_text(encoding="utf-8") + "\nCHANGED = True\n", encoding="utf-8")
    planned = run_pipeline(
        TAGEBUCH, tmp_path, "--until", "score_sessions", "--dry-run", root=checkout
    )
    jobs = _planned(planned.stdout + planned.stderr)
    assert jobs - {"total"} == {"clean_study", "score_sessions"}


def _checksums(folder: Path) -> dict[str, str]:
    """Of all files but the one that says where the study's data lie."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != OWNER)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _planned(output: str) -> set[str]:
    """Names of the rules in the job table of a dry run."""
    lines = (line.split() for line in output.splitlines())
    return {words[0] for words in lines if len(words) == 2 and words[1].isdigit()}
