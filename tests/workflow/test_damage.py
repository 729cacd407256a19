"""What was damaged since it was made is noticed and made anew, whatever its time says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rupture_outcome.pipeline.cli import to_make_anew
from rupture_outcome.pipeline.integrity import OWNER
from tests.running import ROOT, TAGEBUCH

CLI = [sys.executable, "-m", "rupture_outcome.pipeline.cli", "run", str(TAGEBUCH)]
STATES = "coding/states.parquet"


@pytest.fixture
def finished(tagebuch_results: Path, tmp_path: Path) -> Path:
    """A copy of a finished run, with the times of its files; gives its results folder."""
    shutil.copytree(tagebuch_results.parents[1], tmp_path / "run")
    results = tmp_path / "run" / "results" / "tagebuch"
    (results / OWNER).unlink()  # as is asked for where results alone have moved
    return results


def edit_unseen(file: Path, content: bytes) -> None:
    before = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def run_again(results: Path) -> str:
    command = [*CLI, "--directory", str(results.parents[1]), "--cores", "2"]
    again = subprocess.run(command, capture_output=True, text=True)
    said = again.stdout + again.stderr
    assert again.returncode == 0, said[-3000:]
    return said


def options(results: Path) -> list[str]:
    directory = results.parents[1]
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")),
        *("--directory", str(directory), "--configfile", str(TAGEBUCH), "--nolock"),
    ]
    return to_make_anew(command, directory, results, str(TAGEBUCH.parent))


@pytest.mark.slow
def test_an_edited_product_and_a_missing_one_are_made_anew(
    finished: Path, tagebuch_results: Path
) -> None:
    checks, manifest = finished / "checks.csv", finished / "manifest.json"
    edit_unseen(checks, checks.read_bytes().replace(b"True", b"False"))
    manifest.unlink()
    said = " ".join(run_again(finished).split())
    assert "Damaged or missing since the last run, and made anew: checks.csv, manifest.json" in said
    for name in ("checks.csv", "manifest.json"):
        assert (finished / name).read_bytes() == (tagebuch_results / name).read_bytes()
    assert "Damaged" not in run_again(finished)


@pytest.mark.slow
def test_a_truncated_intermediate_is_forced(finished: Path) -> None:
    assert options(finished) == []
    table = finished / "tables" / "rupture_prevalence.csv"
    edit_unseen(table, table.read_bytes().replace(b"drop_sd", b"drop_xx"))
    edit_unseen(finished / STATES, (finished / STATES).read_bytes()[:-8])
    assert options(finished) == [
        "--forcerun",
        f"results/tagebuch/{STATES}",
        "results/tagebuch/tables/rupture_prevalence.csv",
    ]


@pytest.mark.slow
def test_what_no_rule_makes_any_more_does_not_stop_a_run(finished: Path) -> None:
    record = finished / ".checksums" / "a_rule_of_yesterday.json"
    record.write_text('{"tables/of_yesterday.csv": "0"}')
    assert options(finished) == []
