"""Databases of SQLite and servers of PostgreSQL: every table and view that holds rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.study.importing.raw import RawTable, stop, tidy_columns, typed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SERVERS = ("postgresql://", "postgres://")
DRIVER = "postgresql+psycopg"
PATIENCE = 10  # seconds for a server to answer
IS_IN_USE = "copy the file again, while nobody writes to it"


@dataclass(frozen=True)
class Address:
    """A database on a server, by its address, which holds no password."""

    text: str

    @property
    def name(self) -> str:
        """Name of the database, for messages."""
        return self.text.partition("?")[0].rpartition("/")[2] or "the server"


def is_address(given: str) -> bool:
    """Whether a text is the address of a database on a server, and no file.

    >>> is_address("postgresql://server/clinic"), is_address("postgresql.csv")
    (True, False)
    """
    return given.lower().startswith(SERVERS)


def read(path: Path, options: Mapping[str, Any]) -> list[RawTable]:
    """Read the tables of a file of SQLite, which is opened for reading only.

    Parameters
    ----------
    path : Path
    options : mapping
        `table`: the only one to read.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DatabaseError

    place = path.resolve().as_uri()  # with all odd characters of the path quoted
    engine = create_engine(f"sqlite:///{place}?mode=ro&uri=true")
    try:
        return _tables(engine, path.name, options)
    except DatabaseError:
        raise stop(path.name, "this is no readable database of SQLite", IS_IN_USE) from None


def read_server(address: Address, options: Mapping[str, Any]) -> list[RawTable]:
    """Read the tables of a database on a server of PostgreSQL, all as of one moment.

    The password comes from where PostgreSQL's own programs take it: the variable PGPASSWORD or the
    file ~/.pgpass.

    Parameters
    ----------
    address : Address
    options : mapping
        `table`, `schema`: the only one to read.
    """
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        url = make_url(address.text)
    except (ArgumentError, ValueError):
        raise stop("--from", "this is no address of a database", SHAPE) from None
    if url.password is not None or any("password" in key.lower() for key in url.query):
        raise stop(address.name, "the address holds a password", NO_PASSWORD)
    if not url.database:
        raise stop("--from", "the address names no database", SHAPE)
    engine = create_engine(
        url.set(drivername=DRIVER),
        connect_args={"connect_timeout": PATIENCE},
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )
    try:
        return _tables(engine, address.name, options)
    except (SQLAlchemyError, UnicodeError) as error:
        raise stop(address.name, *_failure(error)) from None


SHAPE = "write postgresql://USER@SERVER/DATABASE"
NO_PASSWORD = "leave it out; set the variable PGPASSWORD, or write it into ~/.pgpass"
# Words of the server's refusal, what is said, and what to do; its own may hold names and cells.
FAILURES = (
    (("password", "authentication"), "the server takes no such user or password", NO_PASSWORD),
    (("does not exist",), "the server has no such database, user or table", "correct the address"),
    (("permission denied",), "the user may not read every table", "ask for the right to read them"),
    (("invalid", "out of range", "too large", "too small"), "a cell cannot be read", "make a view"),
)
UNREACHED = ("the server cannot be reached", "is its name right, does it run, is it open to you?")


def _failure(error: Exception) -> tuple[str, str]:
    words = str(getattr(error, "orig", error)).lower()
    for signs, found, remedy in FAILURES:
        if any(sign in words for sign in signs):
            return found, remedy
    return UNREACHED


def _tables(engine: "Engine", file: str, options: Mapping[str, Any]) -> list[RawTable]:
    try:
        with engine.connect() as connection:
            known = _names(connection)
            wanted = [one for one in known if _is_wanted(one, options)]
            if not wanted and options:
                found = "the database has no such table"
                raise stop(file, found, "correct the table in import.yaml")
            read = {one: _rows(connection, *one) for one in wanted}
    finally:
        engine.dispose()
    return [_table(file, *one, frame) for one, frame in read.items() if len(frame)]


def _names(connection: "Connection") -> list[tuple[str | None, str]]:
    """Schemas and tables in order; no schema where it is the usual one."""
    from sqlalchemy import inspect

    seen = inspect(connection)
    schemas = [name for name in seen.get_schema_names() if name != "information_schema"]
    found: list[tuple[str | None, str]] = []
    for schema in sorted(schemas):
        usual = schema == seen.default_schema_name
        views = [*seen.get_view_names(schema), *_materialised(seen, schema)]
        names = sorted({*seen.get_table_names(schema), *views})
        found += [(None if usual else schema, name) for name in names]
    return found


def _materialised(seen: Any, schema: str) -> list[str]:
    try:
        return list(seen.get_materialized_view_names(schema))
    except NotImplementedError:  # SQLite has none
        return []


def _is_wanted(one: tuple[str | None, str], options: Mapping[str, Any]) -> bool:
    schema, name = one
    if "table" not in options:
        return True
    return name == options["table"] and schema == options.get("schema")


def _rows(connection: "Connection", schema: str | None, name: str) -> pd.DataFrame:
    """Rows in the order of the key, if there is one: those of a server have no other."""
    from sqlalchemy import MetaData, Table, select

    table = Table(name, MetaData(), schema=schema, autoload_with=connection, resolve_fks=False)
    rows = connection.execute(select(table).order_by(*table.primary_key))
    columns = list(rows.keys())
    return pd.DataFrame.from_records(list(map(tuple, rows)), columns=columns, coerce_float=True)


def _table(file: str, schema: str | None, name: str, frame: pd.DataFrame) -> RawTable:
    shown = f"{file}#{name}" if schema is None else f"{file}#{schema}.{name}"
    frame.columns = pd.Index(tidy_columns(shown, list(frame)))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    options = {"table": name} if schema is None else {"schema": schema, "table": name}
    return RawTable(shown, typed(frame), options=options)
