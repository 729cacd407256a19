"""The log of a rule: what it said, and errors in words."""

import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

from rupture_outcome.errors import StudyError


@contextmanager
def logged(path: str | Path) -> Iterator[TextIO]:
    """Run a script's work with its messages in a log file.

    What is printed and every warning goes to the log, each warning once. An error of the study
    (`StudyError`) is written in full to the log and to the terminal and ends the script with exit
    code 1. Of any other error the terminal shows one line, the log the places in the code; its
    message is left out of both, because it might quote data.

    Yields
    ------
    file
        The open log.
    """
    terminal = sys.stderr
    with (
        open(path, "w", encoding="utf-8") as log,
        redirect_stdout(log),
        redirect_stderr(log),
        _warnings_to(log),
    ):
        try:
            yield log
            print("done", file=log)
        except StudyError as error:
            _tell(str(error), log, terminal)
            raise SystemExit(1) from None
        except Exception as error:
            places = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
            print(f"{type(error).__name__} at\n{places}", file=log)
            _tell(_defect(error, path), log, terminal)
            raise SystemExit(1) from None


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


def _tell(text: str, *where: TextIO) -> None:
    for stream in where:
        print(text, file=stream)


def _defect(error: Exception, path: str | Path) -> str:
    return (
        f"This step failed with an error that was not expected ({type(error).__name__}). That is a "
        f"defect of the pipeline, not of your data: please report it with the log {path}, "
        "which names places in the code and no data."
    )
