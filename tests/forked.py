"""Snakemake whose scripts run in copies of one process that has loaded the libraries already.

On a small study loading them eighty times is most of a run. For studies where the point is what the
scripts make of them, not how Snakemake starts scripts.
"""

import multiprocessing
import os
import runpy
import subprocess
from multiprocessing.connection import wait
from threading import Lock
from typing import Any

from snakemake.cli import main
from snakemake.script import PythonScript

COPIES = multiprocessing.get_context("forkserver")
ONE_AT_A_TIME = Lock()
LIBRARIES = [
    *("snakemake.cli", "snakemake.script", "pyarrow.parquet", "scipy.stats", "statsmodels.api"),
    *("matplotlib.pyplot", "great_tables", "rupture_outcome.pages.notebooks"),
]


def execute_script(_: PythonScript, file: str, **__: Any) -> None:
    """Run a script in a new copy, and fail as a command does."""
    copy = COPIES.Process(target=runpy.run_path, args=(file,), kwargs={"run_name": "__main__"})
    # Starting a process asks how all others ended, and who asks second is told 255.
    with ONE_AT_A_TIME:
        copy.start()
    wait([copy.sentinel])
    with ONE_AT_A_TIME:
        copy.join()
    if copy.exitcode:
        raise subprocess.CalledProcessError(copy.exitcode, file)


if __name__ == "__main__":
    # as Snakemake starts a script of one thread
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    COPIES.set_forkserver_preload(LIBRARIES)
    PythonScript.execute_script = execute_script
    main()
