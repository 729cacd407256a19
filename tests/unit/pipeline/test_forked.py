"""Scripts run in copies of one process as they would run by themselves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = """
import multiprocessing.forkserver as server, subprocess, sys
from snakemake.script import PythonScript
from rupture_outcome.pipeline.forked import fork_scripts

fork_scripts()
for file in sys.argv[1:]:
    try:
        PythonScript.execute_script(None, file)
    except subprocess.CalledProcessError as error:
        print("failed", error.returncode, flush=True)
print("server", server._forkserver._forkserver_pid, flush=True)
server._forkserver._stop()
"""


@pytest.mark.slow
def test_each_script_is_a_program_in_a_copy_and_none_outlives_the_run(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(
        "import os, sys\n"
        "assert sys.modules['__main__'].__dict__ is globals()\n"
        "print(__name__, 'statsmodels' in sys.modules, os.getpid(), flush=True)\n"
    )
    bad.write_text("raise SystemExit(3)\n")
    command = [sys.executable, "-c", DRIVER, str(good), str(bad), str(good)]
    said = subprocess.check_output(command, text=True).splitlines()
    first, failed, second, server = (line.split() for line in said)
    assert first[:2] == second[:2] == ["__main__", "True"]
    assert first[2] != second[2]
    assert failed == ["failed", "3"]
    for process in (first[2], second[2], server[1]):
        with pytest.raises(ProcessLookupError):
            os.kill(int(process), 0)
