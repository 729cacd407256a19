"""Delimited text as the field delivers it, with the line on which each row begins."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rupture_outcome.errors import StudyError
from rupture_outcome.study.text import TextTable, read_csv

SEMICOLON = {"dialect": {"delimiter": ";"}}


def read(tmp_path: Path, content: bytes, resource: dict | None = None) -> TextTable:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    return read_csv(path, resource or SEMICOLON)


def cells(table: TextTable) -> dict[str, list[str]]:
    return {name: list(column) for name, column in table.columns.items()}


@pytest.mark.parametrize(
    ("content", "expected", "lines"),
    [
        (b"a;b\n1;2\n3;4\n", {"a": ["1", "3"], "b": ["2", "4"]}, [2, 3]),
        (b"\xef\xbb\xbfa;b\r\n1;2,5\r\n", {"a": ["1"], "b": ["2,5"]}, [2]),
        (b' a ;"b"\n1;2', {"a": ["1"], "b": ["2"]}, [2]),
        (b"a;b\n\n1;2\n;\n\n; \n3;\n", {"a": ["1", "3"], "b": ["2", ""]}, [3, 7]),
        (b'a;b\n1;"x\ny"\n2;z\n', {"a": ["1", "2"], "b": ["x\ny", "z"]}, [2, 4]),
        (b'a;"b\nc"\n1;2\n', {"a": ["1"], "b\nc": ["2"]}, [3]),
        (b'a;b\n1;"2;""3"""\n', {"a": ["1"], "b": ['2;"3"']}, [2]),
        (b"a;b\n", {"a": [], "b": []}, []),
        (b"a;b", {"a": [], "b": []}, []),
    ],
    ids=[
        "plain",
        "bom",
        "header",
        "blank",
        "break",
        "break above",
        "quotes",
        "none",
        "header only",
    ],
)
def test_cells_and_lines(
    content: bytes, expected: dict[str, list[str]], lines: list[int], tmp_path: Path
) -> None:
    table = read(tmp_path, content)
    assert cells(table) == expected
    assert table.lines.tolist() == lines


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16", "latin-1"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    content = "Bündnis;b\nä;1\n".encode(encoding)
    table = read(tmp_path, content, {**SEMICOLON, "encoding": encoding})
    assert cells(table) == {"Bündnis": ["ä"], "b": ["1"]}


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a;b\n1;2\n3\n4;5\n6;7;8\n", [3, 5]),
        (b'a;b\n"x\ny";2\n3\n', [4]),
        (b'a;b\n"x\ny"\n3\n', [2, 4]),
    ],
)
def test_rows_of_another_width_are_named(content: bytes, lines: list[int], tmp_path: Path) -> None:
    with pytest.raises(StudyError) as stopped:
        read(tmp_path, content)
    assert list(stopped.value.problems[0].rows) == lines


def test_unknown_encoding(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="unknown encoding 'klingon'"):
        read(tmp_path, b"a;b\n1;2\n", {**SEMICOLON, "encoding": "klingon"})


text = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=5)


@given(rows=st.lists(st.tuples(text, text, st.just("end")), max_size=6))
def test_what_is_written_is_read_back(
    rows: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    quoted = ["|".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path = tmp_path_factory.mktemp("text") / "table.csv"
    path.write_bytes("\n".join(["a|b|c", *quoted, ""]).encode())
    table = read_csv(path, {"dialect": {"delimiter": "|"}})
    assert list(zip(*cells(table).values(), strict=True)) == rows
    starts = [2 + sum(row.count("\n") + 1 for row in quoted[:i]) for i in range(len(rows))]
    assert table.lines.tolist() == starts
