"""With RUPTURE_NO_SKIPS set, as continuous integration does, a skip is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT

SUITE = """
import pytest

def test_that_passes(): pass

@pytest.mark.skip("no time")
def test_that_is_skipped(): pass

@pytest.fixture
def missing(): pytest.skip("no browser")

def test_without_what_it_needs(missing): pass

def test_without_a_file(): pytest.skip("other people's file: x.csv")

@pytest.mark.xfail
def test_that_is_known_to_fail(): assert False
"""
MODULE = 'import pytest\npytest.importorskip("no_such_module_anywhere")\n'


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_some.py").write_text(SUITE)
    (folder / "test_whole_module.py").write_text(MODULE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


@pytest.mark.parametrize(
    ("switch", "said"),
    [("", "1 passed, 4 skipped, 1 xfailed"), ("1", "1 passed, 1 skipped, 1 xfailed, 3 errors")],
)
def test_only_files_of_other_people_may_be_missing(suite: Path, switch: str, said: str) -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.skips", str(suite)),
            *("--continue-on-collection-errors", "-p", "no:cacheprovider"),
        ],
        env=os.environ | {"RUPTURE_NO_SKIPS": switch, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert said in run.stdout, run.stdout
