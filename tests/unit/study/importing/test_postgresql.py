"""A clinic's database on a server of PostgreSQL, a real one that these tests start."""

import datetime
import decimal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy
from sqlalchemy.dialects import postgresql as pg
from typer.testing import CliRunner

from rupture_outcome.errors import StudyError
from rupture_outcome.pipeline import cli
from rupture_outcome.study.importing.formats import place, read_file
from rupture_outcome.study.importing.propose import propose, read_again
from rupture_outcome.study.importing.recognise.decision import Hints
from tests.unit.study.importing.exports import build, clinic, scored
from tests.unit.study.importing.postgresql import MISSING, PASSWORD, Server, programs, running
from tests.unit.study.importing.test_round_trip import coded, expected

pytestmark = pytest.mark.skipif(programs() is None, reason=MISSING.partition(",")[0])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as one:
        yield one


@pytest.fixture
def engine(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlalchemy.Engine]:
    """A way to write into the database, which is empty again after the test."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    url = sqlalchemy.make_url(server.address).set(drivername="postgresql+psycopg")
    one = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    yield one
    with one.begin() as connection:
        for schema in ("public", "ward"):
            connection.execute(sqlalchemy.text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(sqlalchemy.text("CREATE SCHEMA public"))


def fill(engine: sqlalchemy.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE SCHEMA ward"))
        scored().to_sql("sessions", connection, schema="ward", index=False)
        clinic().patients.to_sql("people", connection, index=False)
        clinic().endings.to_sql("closings", connection, index=False)
        pd.DataFrame({"room": ["a"], "floor": [1]}).to_sql("rooms", connection, index=False)


def test_coded_sessions_are_those_of_the_contract(
    server: Server, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    fill(engine)
    where = (place(server.address),)
    proposal = propose("clinic", where, tmp_path / "clinic", Hints(), "as_they_are")
    assert [table.name for table in proposal.tables] == [
        "postgres#closings",
        "postgres#people",
        "postgres#ward.sessions",
    ]
    assert proposal.others == ("postgres#rooms",)
    study = build(proposal.tables, proposal.plan)
    pd.testing.assert_frame_equal(coded(study.sessions), expected("long"), check_dtype=False)
    again = build(read_again(proposal.plan, tmp_path / "clinic"), proposal.plan)
    for table, frame in study.frames().items():
        pd.testing.assert_frame_equal(again.frames()[table], frame)


def test_new_and_import_from_a_server_keep_no_password(
    server: Server,
    engine: sqlalchemy.Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(engine)
    monkeypatch.setenv("HOME", str(tmp_path))
    study = tmp_path / "clinic"
    made = CliRunner().invoke(cli.app, ["new", str(study), "--from", server.address, "--yes"])
    assert made.exit_code == 0, made.output
    before = {path.name: path.read_bytes() for path in study.iterdir()}
    again = CliRunner().invoke(cli.app, ["import", str(study)])
    assert again.exit_code == 0, again.output
    assert {path.name: path.read_bytes() for path in study.iterdir()} == before
    assert PASSWORD not in made.output + again.output
    assert not any(PASSWORD.encode() in content for content in before.values())


def test_columns_of_every_type_are_read(server: Server, engine: sqlalchemy.Engine) -> None:
    noon = datetime.datetime(2024, 3, 1, 12, tzinfo=datetime.UTC)
    types = {
        "patient": (pg.UUID(), uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        "score": (pg.NUMERIC(5, 2), decimal.Decimal("2.50"), 2.5),
        "whole": (pg.INTEGER(), 3, 3.0),
        "came": (pg.BOOLEAN(), True, 1.0),
        "day": (pg.DATE(), noon.date(), pd.Timestamp("2024-03-01")),
        "moment": (pg.TIMESTAMP(timezone=True), noon, pd.Timestamp("2024-03-01 12:00")),
        "ending": (pg.ENUM("dropout", "completed", name="endings"), "dropout", "dropout"),
        "list": (pg.ARRAY(pg.INTEGER()), [1, 2], "[1, 2]"),
        "form": (pg.JSONB(), {"a": 1}, "{'a': 1}"),
    }
    columns = [sqlalchemy.Column(name, kind) for name, (kind, _, _) in types.items()]
    key = sqlalchemy.Column("nr", pg.INTEGER(), primary_key=True)
    meta = sqlalchemy.MetaData()
    table = sqlalchemy.Table("visits", meta, key, *columns)
    with engine.begin() as connection:
        meta.create_all(connection)
        connection.execute(table.insert(), {"nr": 2})
        cells = {name: cell for name, (_, cell, _) in types.items()}
        connection.execute(table.insert(), {"nr": 1, **cells})
    [read] = read_file(place(server.address))
    assert read.frame["nr"].tolist() == [1, 2]  # by the key, whatever the order of writing
    for name, (_, _, shown) in types.items():
        assert read.frame[name].iloc[0] == shown, name
        assert pd.isna(read.frame[name].iloc[1]), name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda url: url.replace("@", ":hunter2@"), "holds a password"),
        (lambda url: url + "&password=hunter2", "holds a password"),
        (lambda url: url.replace("/postgres?", "/absent?"), "no such database"),
        (lambda url: url.replace("clinic_reader", "absent"), "no such user or password"),
        (lambda url: url.replace("host=", "host=/nowhere"), "cannot be reached"),
        (lambda url: url.replace("/postgres?", "/?"), "names no database"),
        (lambda url: url.replace("@/", "@server:port/"), "no address"),
        (lambda url: url, "holds no rows"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_cannot_be_read_is_said(server: Server, change: object, said: str) -> None:
    with pytest.raises(StudyError, match=said) as caught:
        read_file(place(change(server.address)))  # type: ignore[operator]
    assert "hunter2" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_missing_password_and_a_table_that_may_not_be_read_are_said(
    server: Server, engine: sqlalchemy.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP ROLE IF EXISTS guest"))
        connection.execute(sqlalchemy.text(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'"))
    with pytest.raises(StudyError, match="may not read"):
        read_file(place(server.address.replace("clinic_reader", "guest")))
    with monkeypatch.context() as without:
        without.delenv("PGPASSWORD")
        without.setenv("PGPASSFILE", "/nonexistent")
        with pytest.raises(StudyError, match="no such user or password"):
            read_file(place(server.address))
