"""Runs of the whole workflow that tests share: each is made once per test session."""

import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import scipy.linalg  # noqa: F401 - loads its threads, so that they can be limited
from hypothesis import settings
from threadpoolctl import threadpool_limits

from tests.running import EXAMPLE, FORKED, TAGEBUCH, run_pipeline
from tests.skips import pytest_make_collect_report, pytest_runtest_makereport
from tests.workers import pytest_collection_modifyitems, pytest_xdist_make_scheduler
from tests.workflow.studies.awkward import write_study

__all__ = [  # hooks
    "pytest_collection_modifyitems",
    "pytest_make_collect_report",
    "pytest_runtest_makereport",
    "pytest_xdist_make_scheduler",
]

# The same examples in every run, so that a red run is about the change; `search` looks for others.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Leave the cores to the workers: threads of linear algebra only get in their way."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Give the results folder of a study, run at most once, also when tests run in parallel."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):  # a worker of pytest-xdist: its parent is common to all
        shared = shared.parent

    def results(config: Path, name: str, **how: str) -> Path:
        directory = shared / f"run-{name}"
        directory.mkdir(exist_ok=True)
        with open(shared / f"run-{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (directory / "done").exists():
                run = run_pipeline(config, directory, **how)
                assert run.returncode == 0, run.stderr[-4000:]
                (directory / "done").touch()
        return directory / "results" / name

    return results


@pytest.fixture(scope="session")
def example_results(run_once: Callable[..., Path]) -> Path:
    """The results of the example study; tests only read them."""
    return run_once(EXAMPLE, "example", module=FORKED)


@pytest.fixture(scope="session")
def tagebuch_results(run_once: Callable[..., Path]) -> Path:
    """The results of the small second study; tests only read them."""
    return run_once(TAGEBUCH, "tagebuch", module=FORKED)


@pytest.fixture(scope="session")
def awkward_results(
    run_once: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Give the results of an awkward study, by its name; tests only read them."""

    def results(name: str) -> Path:
        config = write_study(name, tmp_path_factory.mktemp(name))
        return run_once(config, name, module=FORKED)

    return results
