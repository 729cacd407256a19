"""The log of a rule: what it said, and errors in words."""

import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

from rupture_outcome.errors import StudyError
from rupture_outcome.pipeline.faults import place_in_words
from rupture_outcome.pipeline.integrity import damaged_among, record


@contextmanager
def logged(path: str | Path) -> Iterator[TextIO]:
    """Run a script's work with its messages in a log file, and note checksums of what it wrote.

    What is printed and every warning goes to the log, each warning once. An error of the study
    (`StudyError`) is written in full to the log and to the terminal and ends the script with exit
    code 1; so does a fault of the place (a full disk, a folder that may not be written, a result
    of an earlier step that is damaged). Of any other error the terminal shows one line, the log
    the places in the code; its message is left out of both, because it might quote data.

    Yields
    ------
    file
        The open log.
    """
    terminal = sys.stderr
    try:
        with _open_log(path) as log:
            try:
                yield log
                record(_of_job("output"), path)
                print("done", file=log)
            except Exception as error:
                _tell(_in_words(error, path, log), log, terminal)
                raise SystemExit(1) from None
    except OSError as error:  # the log itself cannot be written
        _tell(place_in_words(error), terminal)
        raise SystemExit(1) from None


@contextmanager
def _open_log(path: str | Path) -> Iterator[TextIO]:
    with (
        open(path, "w", encoding="utf-8") as log,
        redirect_stdout(log),
        redirect_stderr(log),
        _warnings_to(log),
    ):
        yield log


@contextmanager
def _warnings_to(log: TextIO) -> Iterator[None]:
    shown: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *_: object) -> None:
        line = f"{category.__name__}: {message}"
        if line not in shown:
            shown.add(line)
            print(line, file=log)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show  # type: ignore[assignment]
        yield


def _of_job(what: str) -> list[str]:
    """Input or output files of the job, which Snakemake tells a running script in `snakemake`."""
    job: Any = getattr(sys.modules["__main__"], "snakemake", None)
    return [] if job is None else [str(file) for file in getattr(job, what)]


def _in_words(error: Exception, path: str | Path, log: TextIO) -> str:
    if isinstance(error, StudyError):
        return str(error)
    try:
        broken = damaged_among(_of_job("input"), path)
    except StudyError as unreadable:
        return str(unreadable)
    if broken:
        return _damage(broken)
    if isinstance(error, OSError) and error.errno is not None:
        return place_in_words(error)
    places = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    print(f"{type(error).__name__} at\n{places}", file=log)
    return _defect(error, path)


def _tell(text: str, *where: TextIO) -> None:
    for stream in where:
        print(text, file=stream)


def _damage(names: list[str]) -> str:
    return (
        f"Damaged since an earlier step wrote it: {', '.join(names)}.\n"
        "    What to do: call `rupture-outcome run` again; it makes anew what is damaged."
    )


def _defect(error: Exception, path: str | Path) -> str:
    return (
        f"This step failed with an error that was not expected ({type(error).__name__}). That is a "
        f"defect of the pipeline, not of your data: please report it with the log {path}, "
        "which names places in the code and no data."
    )
