import base64
import os
import sys
from pathlib import Path

import nbformat
import pytest

from rupture_outcome.errors import StudyError
from rupture_outcome.pages.notebooks import (
    as_text,
    read_source,
    refresh,
    run_notebook,
    stale,
    to_html,
)
from rupture_outcome.pages.reading import VARIABLE, results
from tests.unit import fake_results

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.py"))
TOPICS = ("failure", "growth", "repair", "ruptures", "study", "time")

SOURCE = """\
# %% [markdown]
# # A title

# %%
import os, sys, warnings
from rupture_outcome.pages.reading import results, say
study = results()
warnings.warn("noise with a process id")
print(sys.executable)

# %%
say(f"There are {study.card['patients']} patients. See [the other](01_other.ipynb).")
study.figure("flow")

# %%
study.html("flow")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return fake_results.write(tmp_path_factory.mktemp("fake"))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "00_source.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture(scope="module")
def executed(source, folder):
    return run_notebook(source, folder)


def test_the_running_interpreter_runs_the_notebook(executed):
    assert executed.cells[1].outputs[0].text.strip() == sys.executable


def test_same_bytes_elsewhere_whatever_kernels_a_user_has(
    source, folder, executed, tmp_path, monkeypatch
):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text('{"argv": ["/bin/false"], "display_name": "mine"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    relative = Path(os.path.relpath(folder, tmp_path))
    assert as_text(run_notebook(source, relative)) == as_text(executed)


def test_executed_notebook_is_valid_and_holds_nothing_volatile(executed, folder):
    nbformat.validate(executed)
    text = as_text(executed)
    assert "UserWarning" not in text
    assert "iopub" not in text
    assert str(folder) not in text
    assert executed.metadata.jupytext.formats == "ipynb,py:percent"
    assert executed.metadata.kernelspec.name == "python3"


def test_figures_carry_alt_text_and_caption(executed, folder):
    picture, caption = executed.cells[2].outputs[1:]
    assert picture.metadata["image/png"]["alt"].startswith("A line that falls and rises. It shows")
    assert base64.b64decode(picture.data["image/png"]) == (folder / "figures/flow.png").read_bytes()
    assert "n = 580 to 600 patients" in caption.data["text/markdown"]


def test_page_needs_no_network_and_folds_the_code(executed):
    page = to_html(executed)
    assert "<script" not in page
    assert "http" not in page
    assert "<title>A title</title>" in page
    assert '<html lang="en">' in page
    assert 'href="01_other.html"' in page
    assert page.count("<figcaption>") == page.count("<figure>") == page.count("<img") == 1
    assert page.count('<details class="code">') == 3
    assert page.count("n = 580 to 600 patients") == 1
    assert 'alt="A line that falls' in page


def test_failing_cell_is_named(tmp_path, folder):
    path = tmp_path / "00_broken.py"
    path.write_text("# %%\nx = 1\n\n# %%\nname = 'a'\nx / 0\n")
    with pytest.raises(StudyError, match=r"cell 2 \(`name = 'a'`\) failed: ZeroDivisionError"):
        run_notebook(path, folder)


def test_without_a_variable_the_example_is_read(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(NOTEBOOKS)
    assert results().path == NOTEBOOKS.parent / "results" / "example"


def test_stale_notebooks_are_told_apart(source, executed, tmp_path):
    committed, fresh = tmp_path / "00_source.ipynb", tmp_path / "fresh.ipynb"
    committed.write_text(as_text(executed))
    fresh.write_text(as_text(executed))
    assert stale(committed, source, fresh) == []

    fresh.write_text(as_text(executed).replace("580 patients", "581 patients"))
    found = stale(committed, source, fresh)
    assert any("it says '580', the results say '581'" in line for line in found)
    assert all("make notebooks" in line for line in found)

    png = executed.cells[2].outputs[1].data["image/png"]
    fresh.write_text(as_text(executed).replace(png, png[:-8] + "AAAAAA=="))
    assert stale(committed, source, fresh) == []

    fresh.write_text(as_text(executed).replace("<td>6960</td>", "<td>6961</td>"))
    assert len(stale(committed, source, fresh)) == 1

    assert "is missing" in stale(tmp_path / "none.ipynb", source, fresh)[0]

    changed = tmp_path / "00_changed.py"
    changed.write_text(SOURCE.replace("# # A title", "# # Another title"))
    assert "cells differ" in stale(committed, changed, fresh)[0]


def test_refresh_writes_beside_the_sources(tmp_path):
    (tmp_path / "00_short.py").write_text("# %%\nprint('short')\n")
    (tmp_path / "helper.py").write_text("raise SystemExit\n")
    assert refresh(tmp_path, tmp_path) == [tmp_path / "00_short.ipynb"]
    cell = nbformat.read(tmp_path / "00_short.ipynb", as_version=4).cells[0]
    assert cell.outputs[0].text == "short\n"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_notebooks_read_and_estimate_nothing(path):
    code = "\n".join(cell.source for cell in read_source(path).cells if cell.cell_type == "code")
    about = [f"sentences.{topic}" for topic in TOPICS]
    modules = ("answer", *about, "reading", "threshold_widget", "time_widget")
    imported = [line for line in code.splitlines() if line.startswith(("import", "from"))]
    allowed = tuple(f"from rupture_outcome.pages.{module} import" for module in modules)
    assert all(line.startswith(allowed) for line in imported)


@pytest.mark.slow
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_committed_notebooks_are_up_to_date(path, example_results):
    fresh = example_results / "notebooks" / f"{path.stem}.ipynb"
    assert stale(path.with_suffix(".ipynb"), path, fresh) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_notebooks_make_sense_for_a_study_without_an_answer(path, tmp_path):
    effects = fake_results.effects(converged=False, reason="no dropout in this state")
    effects[["patients", "sessions", "events"]] = None
    card = {**fake_results.CARD, "simulated": False, "title": "Another study", "therapists": -10}
    incidence = fake_results.incidence().iloc[:0]
    folder = fake_results.write(tmp_path, card, effects, incidence, observed=False)
    text = as_text(run_notebook(path, folder))
    assert "Another study" in text
    assert "imulated data" not in text
    assert "nan" not in text.split()
