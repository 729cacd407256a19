import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rupture_outcome.study.writing import read_csv, write_csv, write_json, write_parquet, write_text

FORMULAS = ["=1+1", "+SUM(A1)", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\n=1"]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_no_text_of_a_table_begins_like_a_formula(tmp_path: Path, formula: str, dtype: str) -> None:
    frame = pd.DataFrame({"site": pd.Series([formula, None, "a-b=c"], dtype=dtype), "n": [1, 2, 3]})
    write_csv(frame, tmp_path / "t.csv")
    raw = pd.read_csv(tmp_path / "t.csv")
    assert raw["site"].tolist()[::2] == [f"'{formula}", "a-b=c"]
    back = read_csv(tmp_path / "t.csv")
    assert back["site"].tolist()[::2] == [formula, "a-b=c"]
    assert back["site"].isna().tolist() == [False, True, False]


def test_the_header_is_neutralised_too(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"=A1": [1], "n": [2]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "'=A1,n\n1,2\n"
    assert list(read_csv(tmp_path / "t.csv")) == ["=A1", "n"]


def test_numbers_stay_numbers_also_in_a_column_of_texts(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [-0.5, np.nan], "found": ["-1e-05", "psychotherapy"]})
    write_csv(frame, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"x,found\n-0.5,-1e-05\n,psychotherapy\n"


@given(st.lists(st.text("'=+-@\t\n a1,\"", min_size=1).map(lambda t: f"{t}z"), min_size=1))
def test_every_text_comes_back_as_it_was(tmp_path_factory, texts: list[str]) -> None:
    file = tmp_path_factory.getbasetemp() / "texts.csv"
    write_csv(pd.DataFrame({"text": texts}), file)
    assert read_csv(file)["text"].tolist() == texts
    assert not pd.read_csv(file)["text"].str.match(r"[=+\-@\t\n]").any()


def test_every_line_break_is_a_line_feed(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"text": ["a\r\nb", "\rc"]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b'text\n"a\nb"\n"\'\nc"\n'
    assert read_csv(tmp_path / "t.csv")["text"].tolist() == ["a\nb", "\nc"]


def test_a_table_without_columns_or_rows_can_be_written(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"a": pd.Series(dtype="str")}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "a\n"
    write_csv(pd.DataFrame(), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "\n"


class Unwritable:
    """A cell that fails in the middle of a file."""

    def __str__(self) -> str:
        raise OSError("no space left")


def test_nothing_half_written_stays(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    write_csv(pd.DataFrame({"a": [1]}), file)
    broken = pd.DataFrame({"a": ["x"] * 100_000 + [Unwritable()]})
    with pytest.raises(OSError, match="no space left"):
        write_csv(broken, file)
    assert file.read_text() == "a\n1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_parquet_comes_back_without_its_index(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=[7, 8])
    write_parquet(frame, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "t.parquet"), frame.reset_index(drop=True)
    )


def test_json_holds_nothing_that_json_does_not_know(tmp_path: Path) -> None:
    value = {"a": [float("nan"), np.float64(np.inf), 1.5], "b": ("ä", None, True, 2)}
    write_json(value, tmp_path / "t.json")
    text = (tmp_path / "t.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": [None, None, 1.5], "b": ["ä", None, True, 2]}
    assert "ä" in text
    assert text.endswith("}\n")


def test_a_text_keeps_its_line_ends(tmp_path: Path) -> None:
    write_text("a\r\nb\n", tmp_path / "t.txt")
    assert (tmp_path / "t.txt").read_bytes() == b"a\r\nb\n"
