"""Every benchmark at a tiny size: what it measures can be run, and what it compares agrees."""

import re
from pathlib import Path

import pytest

from benchmarks import bootstrap, coding, growth, hazard, hidden_states, sudden_changes, whole_run

TINY = {
    bootstrap: ["--patients", "60", "--therapists", "6", "--timed", "1"],
    coding: ["--sessions", "2000"],
    growth: ["--rows", "4000", "--therapists", "20"],
    hazard: ["--rows", "4000", "--therapists", "20"],
    hidden_states: ["--patients", "300", "--therapists", "20", "--timed", "20"],
    sudden_changes: ["--persons", "200"],
    whole_run: ["--patients", "60", "--cores", "1", "score_sessions"],
}
# What must stand in what it says.
SAYS = {
    bootstrap: "replicates",
    coding: "Processor time per session at the largest size",
    growth: "rupture_outcome, three levels",
    hazard: "rupture_outcome, Laplace",
    hidden_states: "fit with errors",
    sudden_changes: "sudden gains",
    whole_run: "score_sessions",
}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers in R are looked for on the path; here they would take longer than all the rest."""
    monkeypatch.setattr("shutil.which", lambda name: None)


@pytest.mark.slow
@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("benchmark", TINY, ids=lambda module: module.__name__.split(".")[-1])
def test_a_benchmark_runs_at_a_tiny_size(benchmark, capsys: pytest.CaptureFixture[str]) -> None:
    benchmark.main(TINY[benchmark])
    said = capsys.readouterr().out
    assert SAYS[benchmark] in said
    assert all(float(gap) < 1e-9 for gap in re.findall(r"\d\.\de[+-]\d\d", said))


def test_no_benchmark_is_left_out() -> None:
    folder = Path(bootstrap.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} == {m.__name__.split(".")[-1] for m in TINY}
