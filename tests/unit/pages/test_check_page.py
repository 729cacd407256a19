"""The page of `check` says that it is internal, and takes texts as texts."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from rupture_outcome.pages import check_page
from rupture_outcome.pipeline import cli
from rupture_outcome.pipeline.checking import check_study, look_into
from rupture_outcome.pipeline.config import load
from tests.running import EXAMPLE, TAGEBUCH


@pytest.fixture(scope="module")
def found() -> check_page.Findings:
    config = load(EXAMPLE)
    return look_into(check_study(config), config)


def test_all_sections_are_there(found: check_page.Findings) -> None:
    headings = [section.heading for section in check_page.sections(found)]
    assert [heading.split()[1] for heading in headings] == [
        *("is", "consistent", "definitions", "becomes", "precise")
    ]
    page = check_page.page(found)
    assert all(heading in page for heading in headings)
    assert check_page.INTERNAL.replace("'", "&#39;") in page


def test_alpha_and_omega_stand_beside_what_is_declared(found: check_page.Findings) -> None:
    [row] = found.consistency.to_dict("records")
    assert row["declared"] == 0.92
    for which in ("alpha", "omega"):
        assert row[f"{which}_low"] < row[which] < row[f"{which}_high"]


def test_a_definition_that_is_hardly_tested_is_told(found: check_page.Findings) -> None:
    [section] = [s for s in check_page.sections(found) if s.heading.startswith("Which")]
    use = section.table.set_index("Definition")["For dropout"]
    assert use["Rupture coded by observers"] == "no: hardly tested"
    assert use["V shape in alliance"] == "no: looks ahead"
    assert use["Rupture reported by patient"] == "yes"
    assert any("models.min_testable" in sentence for sentence in section.sentences)


def test_texts_are_never_markup(found: check_page.Findings, capsys) -> None:
    from dataclasses import replace

    from rich.console import Console

    row = found.consistency.assign(instrument="<b>[red]x[/red]")
    other = replace(found, title="<script>", notes=["<img>"], consistency=row)
    page = check_page.page(other)
    assert "<script>" not in page
    assert "<img>" not in page
    assert "<b>" not in page
    check_page.show(other, Console(soft_wrap=True))
    assert "[red]x[/red]" in capsys.readouterr().out


def test_the_page_is_written_only_when_asked_for(tmp_path: Path) -> None:
    command = ["check", str(TAGEBUCH), "--directory", str(tmp_path)]
    assert CliRunner().invoke(cli.app, command).exit_code == 0
    assert not list(tmp_path.iterdir())
    ran = CliRunner().invoke(cli.app, [*command, "--page"])
    assert ran.exit_code == 0
    [file] = tmp_path.rglob("check.html")
    assert "not for passing on" in file.read_text("utf-8")
    assert "internal use only" in ran.output


def test_a_section_without_rows_is_left_out(found: check_page.Findings) -> None:
    from dataclasses import replace

    bare = replace(found, consistency=found.consistency.iloc[:0], missing=found.missing.iloc[:0])
    assert len(check_page.sections(bare)) == 3
    assert isinstance(check_page.sections(bare)[0].table, pd.DataFrame)
