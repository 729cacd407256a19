"""Run notebooks on a study's results, with the same bytes on every run."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pages.jupyter import (
    CellExecutionError,
    NotebookClient,
    NotebookNode,
    jupytext,
    nbformat,
)
from rupture_outcome.pages.notebook_page import to_html
from rupture_outcome.pages.reading import VARIABLE
from rupture_outcome.study.writing import write_text

__all__ = ["as_text", "read_source", "refresh", "run_notebook", "stale", "to_html"]

SOURCE_FORMAT = "py:percent"
CELL_SECONDS = 600
METADATA = {
    "jupytext": {"formats": "ipynb,py:percent"},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


class ThisInterpreter(KernelSpecManager):
    """Starts every kernel with the running interpreter, whatever kernels a user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Give the one kernel there is."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )


def read_source(source: Path) -> NotebookNode:
    """Read a percent-format source as a notebook without outputs.

    Cell ids follow from a cell's place and content, the metadata are fixed.
    """
    notebook = jupytext.read(source, fmt=SOURCE_FORMAT)
    notebook.metadata = nbformat.from_dict(METADATA)
    for place, cell in enumerate(notebook.cells):
        cell.id = f"{place:02d}-{hashlib.sha256(cell.source.encode()).hexdigest()[:8]}"
        cell.metadata = NotebookNode()
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def run_notebook(source: Path, results: Path) -> NotebookNode:
    """Run a notebook on the results of a study.

    The working directory does not matter: the notebook finds the results in the environment
    variable RUPTURE_RESULTS. What the notebook writes to standard error is passed on, not kept.

    Parameters
    ----------
    source : Path
        The notebook's source in percent format.
    results : Path
        What the pipeline wrote for the study.

    Returns
    -------
    NotebookNode
        Executed; the same source and results give the same notebook.

    Raises
    ------
    StudyError
        A cell failed; names the cell and the error.
    """
    notebook = read_source(source)
    with tempfile.TemporaryDirectory(prefix="nb") as folder:
        client = _client(notebook, Path(folder))
        try:
            client.execute(env=_environment(Path(folder), results), cwd=folder, cleanup_kc=True)
        except CellExecutionError as error:
            raise _failed(source, notebook, error) from None
    for cell in notebook.cells:
        _settle(cell)
    return notebook


def as_text(notebook: NotebookNode) -> str:
    """Write a notebook as the text of an `.ipynb` file."""
    return nbformat.writes(notebook) + "\n"


def refresh(notebooks_dir: Path, results_dir: Path) -> list[Path]:
    """Run every notebook source of a folder and write the `.ipynb` beside it.

    Returns
    -------
    list of Path
        The notebooks written, whether or not anything changed.
    """
    written = []
    for source in sorted(notebooks_dir.glob("[0-9][0-9]_*.py")):
        path = source.with_suffix(".ipynb")
        write_text(as_text(run_notebook(source, results_dir)), path)
        written.append(path)
    return written


def stale(committed: Path, source: Path, fresh: Path) -> list[str]:
    """Say what is out of date in a committed notebook.

    Sources of cells, text and the words and numbers of tables are compared, images are not: their
    bytes depend on versions of fonts and libraries.

    Parameters
    ----------
    committed : Path
        The notebook in the repository.
    source : Path
        Its source in percent format.
    fresh : Path
        The same notebook as the pipeline ran it on the example study.

    Returns
    -------
    list of str
        One line per difference, each with the remedy; empty when the notebook is up to date.
    """
    remedy = "run `make notebooks` and commit the result"
    if not committed.is_file():
        return [f"{committed.name} is missing; {remedy}"]
    old, new = (nbformat.read(path, as_version=4).cells for path in (committed, fresh))
    if [_code(cell) for cell in old] != [_code(cell) for cell in read_source(source).cells]:
        return [f"{committed.name}: its cells differ from {source.name}; {remedy}"]
    return [
        f"{committed.name}: the output of cell {place} is out of date "
        f"({_first_difference(_words(before), _words(after))}); {remedy}"
        for place, (before, after) in enumerate(zip(old, new, strict=False), 1)
        if _words(before) != _words(after)
    ]


def main(arguments: Sequence[str]) -> None:
    """Refresh a folder: `python -m rupture_outcome.pages.notebooks FOLDER RESULTS`."""
    try:
        for path in refresh(*map(Path, arguments)):
            print(f"{path.name} is up to date")
    except StudyError as error:
        sys.exit(str(error))


def _client(notebook: NotebookNode, folder: Path) -> NotebookClient:
    # On POSIX the kernel listens on sockets in the folder: two notebooks started at once could
    # otherwise pick the same port.
    manager = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=ThisInterpreter(),
        connection_file=str(folder / "kernel.json"),
    )
    if os.name == "posix":
        manager.transport, manager.ip = "ipc", str(folder / "k")
    return NotebookClient(
        notebook, km=manager, timeout=CELL_SECONDS, record_timing=False, coalesce_streams=True
    )


def _environment(folder: Path, results: Path) -> dict[str, str]:
    """Give the kernel no start-up files, history or settings of the user."""
    own = {"IPYTHONDIR": str(folder / "ipython"), VARIABLE: str(results.resolve())}
    return {**os.environ, **own, "PYTHONHASHSEED": "0"}


def _failed(source: Path, notebook: NotebookNode, error: CellExecutionError) -> StudyError:
    cells = enumerate(notebook.cells, 1)
    place, cell = next((n, cell) for n, cell in cells if _has_error(cell))
    first = cell.source.splitlines()[0]
    return StudyError(
        [
            Problem(
                source.name,
                f"cell {place} (`{first}`) failed: {error.ename}: {error.evalue}",
                "Notebooks only read results: run the pipeline again (make run); if the notebook "
                "was changed, correct that cell.",
            )
        ]
    )


def _has_error(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def _settle(cell: NotebookNode) -> None:
    """Leave out what differs between runs; standard error holds process ids and paths."""
    cell.metadata = NotebookNode()
    if cell.cell_type != "code":
        return
    for output in cell.outputs:
        if output.get("name") == "stderr":
            print(output.text, file=sys.stderr)
    cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]


def _code(cell: NotebookNode) -> tuple[str, str]:
    return cell.cell_type, cell.source


def _words(cell: NotebookNode) -> list[str]:
    """Every word that the outputs of a cell show; markup and images don't count."""
    return [word for output in cell.get("outputs", []) for word in _shown_text(output).split()]


def _shown_text(output: NotebookNode) -> str:
    data: Any = output.get("data", {})
    if "text/html" in data:
        parser = _Text()
        parser.feed(data["text/html"])
        return " ".join(parser.parts)
    return data.get("text/markdown") or data.get("text/plain") or output.get("text", "")


class _Text(HTMLParser):
    """Collects what a reader of the page sees."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in {"style", "script"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _first_difference(before: list[str], after: list[str]) -> str:
    for was, now in zip(before, after, strict=False):
        if was != now:
            return f"it says '{was}', the results say '{now}'"
    return f"{len(before)} words, now {len(after)}"


if __name__ == "__main__":
    main(sys.argv[1:])
