"""What files hold beside their tables goes through the gate, and is never repeated."""

import struct
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.workbook import Workbook
from typer.testing import CliRunner, Result

from rupture_outcome.pipeline import cli
from tests.unit.study.importing.exports import one_file, spss, stata
from tests.unit.study.importing.test_redcap import dictionary, repeating

PERSON = "Meier, Anna"


def title(book: Workbook) -> None:
    book.properties.title = PERSON


def subject(book: Workbook) -> None:
    book.properties.subject = f"Sessions of {PERSON}"


def comment(book: Workbook) -> None:
    book.properties.description = "ask a.meier@clinic.org"


def keywords(book: Workbook) -> None:
    book.properties.keywords = "call 030 2345678"


def custom(book: Workbook) -> None:
    book.custom_doc_props.append(StringProperty(name="of", value=PERSON))


def name_of_custom(book: Workbook) -> None:
    book.custom_doc_props.append(StringProperty(name=PERSON, value="x"))


def defined(book: Workbook) -> None:
    book.defined_names["Anna_Meier"] = DefinedName("Anna_Meier", attr_text="Sheet1!$A$1")


def of_a_cell(book: Workbook) -> None:
    book.active["B2"].comment = Comment(f"{PERSON} was ill", "x")


def sheet(book: Workbook) -> None:
    book.create_sheet(PERSON)


WORKBOOKS: dict[str, Callable[[Workbook], None]] = {
    "title": title,
    "subject": subject,
    "comment": comment,
    "keywords": keywords,
    "custom property 1": custom,
    "custom property 1 ": name_of_custom,
    "defined name 1": defined,
    "comment 1 of a cell": of_a_cell,
    "name of sheet 2": sheet,
}


def new(folder: Path, file: Path, *more: str) -> Result:
    words = ["new", str(folder / "study"), "--from", str(file), "--yes", "--keep-ids", *more]
    return CliRunner().invoke(cli.app, words)


def stops_until_accepted(folder: Path, file: Path, where: str) -> None:
    refused = new(folder, file)
    assert refused.exit_code == 1, refused.output
    said = " ".join(refused.output.split())
    assert f"{file.name}: its {where} looks like what identifies a person" in said
    assert "Meier" not in said
    assert "030 2" not in said
    assert not (folder / "study").exists()
    reason = "a person of a novel, nobody's name"
    made = new(folder, file, "--accept", f"{file.name}:{where}={reason}")
    assert made.exit_code == 0, made.output
    assert CliRunner().invoke(cli.app, ["import", str(folder / "study")]).exit_code == 0
    written = b"".join(path.read_bytes() for path in (folder / "study").iterdir())
    assert b"Meier" not in written


@pytest.mark.parametrize("where", WORKBOOKS)
def test_properties_of_a_workbook(where: str, tmp_path: Path) -> None:
    path = tmp_path / "scores.xlsx"
    one_file().to_excel(path, index=False)
    book = openpyxl.load_workbook(path)
    WORKBOOKS[where](book)
    book.save(path)
    stops_until_accepted(tmp_path, path, where.strip())


def test_who_made_a_workbook_is_told_and_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "scores.xlsx"
    one_file().to_excel(path, index=False)
    assert "Who made" not in new(tmp_path, path).output
    book = openpyxl.load_workbook(path)
    book.properties.creator = book.properties.lastModifiedBy = PERSON
    book.save(path)
    (tmp_path / "a").mkdir()
    made = new(tmp_path / "a", path)
    assert made.exit_code == 0
    assert "Who made the file stands in it (creator, last author): not kept" in made.output
    assert "Meier" not in made.output


@pytest.mark.parametrize("where", ["label", "note 2"])
def test_label_and_notes_of_spss(where: str, tmp_path: Path) -> None:
    path = tmp_path / "clinic.sav"
    spss(one_file(), path)
    frame, meta = pyreadstat.read_sav(str(path))
    given = {"file_label": PERSON} if where == "label" else {"note": ["wave one", PERSON]}
    labels = meta.variable_value_labels
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels, **given)
    stops_until_accepted(tmp_path, path, where)


@pytest.mark.parametrize("where", ["label", "characteristic 2"])
def test_label_and_characteristics_of_stata(where: str, tmp_path: Path) -> None:
    path = tmp_path / "clinic.dta"
    stata(one_file(), path)
    if where == "label":
        frame, meta = pyreadstat.read_dta(str(path))
        labels = meta.variable_value_labels
        pyreadstat.write_dta(frame, str(path), file_label=PERSON, variable_value_labels=labels)
    else:
        given = {"wave": "one", "who": PERSON}
        parts = b"".join(characteristic(name, text) for name, text in given.items())
        path.write_bytes(with_characteristics(path.read_bytes(), parts))
    stops_until_accepted(tmp_path, path, where)


def characteristic(name: str, text: str) -> bytes:
    body = b"".join(part.encode().ljust(129, b"\0") for part in ("_dta", name))
    body += text.encode() + b"\0"
    return b"<ch>" + struct.pack("<I", len(body)) + body + b"</ch>"


def with_characteristics(content: bytes, parts: bytes) -> bytes:
    """Insert them, and move what the file's map says of the parts behind."""
    at = content.index(b"<map>") + len(b"<map>")
    places = struct.unpack("<14Q", content[at : at + 14 * 8])
    moved = struct.pack("<14Q", *places[:9], *(one + len(parts) for one in places[9:]))
    content = content[:at] + moved + content[at + 14 * 8 :]
    mark = b"<characteristics>"
    return content.replace(mark, mark + parts, 1)


@pytest.mark.parametrize("attached", ["frame", "file", "field"])
def test_metadata_of_parquet(attached: str, tmp_path: Path) -> None:
    path = tmp_path / "clinic.parquet"
    frame = one_file()
    if attached == "frame":
        frame.attrs = {"about": {"first": PERSON}}
        frame.to_parquet(path)
    else:
        table = pa.Table.from_pandas(frame)
        if attached == "file":
            table = table.replace_schema_metadata({**table.schema.metadata, b"who": PERSON})
        else:
            at = table.schema.get_field_index("session")
            field = table.schema.field(at).with_metadata({"who": PERSON})
            table = table.set_column(at, field, table.column(at))
        pq.write_table(table, path)
    stops_until_accepted(tmp_path, path, "metadata entry 1")


def test_descriptions_of_a_dictionary_of_redcap(tmp_path: Path) -> None:
    dictionary(tmp_path / "dictionary.csv")
    book = pd.read_csv(tmp_path / "dictionary.csv")
    repeating().to_csv(tmp_path / "export.csv", index=False)
    given = ("--from", str(tmp_path / "dictionary.csv"))
    book.assign(**{"Field Note": "by Dr. Meier"}).to_csv(tmp_path / "dictionary.csv", index=False)
    assert new(tmp_path, tmp_path / "export.csv", *given).exit_code == 0
    (tmp_path / "b").mkdir()
    book["Field Note"] = [None, "ask a.meier@clinic.org", *[None] * (len(book) - 2)]
    book.to_csv(tmp_path / "dictionary.csv", index=False)
    refused = new(tmp_path / "b", tmp_path / "export.csv", *given)
    assert "export.csv: its dictionary's Field Note, line 3 looks like" in refused.output
    assert "meier" not in refused.output
