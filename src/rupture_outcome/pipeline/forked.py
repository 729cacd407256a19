"""Snakemake whose scripts run in copies of one process that has loaded the libraries already.

    python -m rupture_outcome.pipeline.forked [options of snakemake]

To load them anew for each of more than a hundred scripts was most of what a small study cost. A
copy is a process of its own, with its own memory, and ends with its script or with the run. Plain
`snakemake` starts each script by itself and gives the same files.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
from multiprocessing import forkserver
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import Lock, Thread
from typing import Any

from snakemake.cli import main
from snakemake.script import PythonScript
from snakemake.settings.types import MaxJobsPerTimespan

ONE_AT_A_TIME = Lock()


def fork_scripts() -> None:
    """Let Snakemake, in this process, run Python scripts in copies of one process."""
    copies = multiprocessing.get_context("forkserver")
    copies.set_forkserver_preload(["rupture_outcome.pipeline.loaded"])

    def execute_script(_: PythonScript, file: str, **__: Any) -> None:
        """Run a script in a new copy, and fail as a command does."""
        copy = copies.Process(target=run_script, args=(file,))
        # Starting a process asks how all others ended, and who asks second is told 255.
        with ONE_AT_A_TIME:
            copy.start()
        wait([copy.sentinel])
        with ONE_AT_A_TIME:
            copy.join()
        if copy.exitcode:
            raise subprocess.CalledProcessError(copy.exitcode, file)

    PythonScript.execute_script = execute_script


def run_script(file: str) -> None:
    """Run a script as a program; the process ends with that which started it."""
    Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    runpy.run_path(file, run_name="__main__")


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


if __name__ == "__main__":
    # as Snakemake starts a script of one thread
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    # Jobs on this machine need no limit a second, for whose sake Snakemake looks at all jobs that
    # wait once a second for each job that has ended.
    MaxJobsPerTimespan.parse_choice = lambda _: None
    if sys.platform == "linux":  # elsewhere linear algebra may not survive a copy
        fork_scripts()
    try:
        main()
    finally:
        forkserver._forkserver._stop()  # type: ignore[attr-defined]  # nothing goes on after this
