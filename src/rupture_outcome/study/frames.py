"""A user's data frame under the names of the data contract: long or wide, checked, not cleaned."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.errors import SHOWN_ROWS, Problem, StudyError, did_you_mean
from rupture_outcome.study.contract import fields

NUMBER = "{session}"
LAST_SESSION = 100_000
# What pandas calls a column of numbers, also where it keeps them as objects.
NUMERIC = ("integer", "floating", "mixed-integer-float", "integer-na", "boolean", "empty")


def stop(file: str, found: str, remedy: str, column: Hashable | None = None) -> StudyError:
    """Make the error of one problem with an argument or a frame.

    Parameters
    ----------
    file : str
        The argument.
    found, remedy : str
        What was expected and found, and what to do.
    column : optional
        Of the frame.
    """
    return StudyError([Problem(file, found, remedy, None if column is None else str(column))])


def lengthened(data: pd.DataFrame, wide: Mapping[str, str], patient: str) -> pd.DataFrame:
    """Turn one row a patient into one row a patient and session.

    A session in which none of the columns has a value is left out: of a blank cell nobody knows
    whether the session was held, so scores are not compared across it. Give the columns of
    attendance, too, where an attended session without a form shall count as one.

    Parameters
    ----------
    data : DataFrame
        One row a patient.
    wide : mapping of str to str
        Name of the long column, and how the wide ones are called: ``{"wai": "wai_s{session}"}``.
    patient : str
        Column of identifiers.

    Returns
    -------
    DataFrame
        `patient`, ``session`` and a column for each entry of `wide`, in order of sessions.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": ["a", "b"], "wai_s1": [50, 44], "wai_s2": [41, None]})
    >>> lengthened(frame, {"wai": "wai_s{session}"}, "id").values.tolist()
    [['a', 1, 50.0], ['b', 1, 44.0], ['a', 2, 41.0]]
    """
    _require(data, [patient], "data")
    places = {name: _numbered(data, name, pattern) for name, pattern in wide.items()}
    _require_once(data, [patient], "data", "set wide=None if it has one row a session")
    numbers = sorted({number for own in places.values() for number in own})
    blank = pd.Series(np.nan, data.index)
    parts = [
        pd.DataFrame(
            {
                patient: data[patient],
                "session": number,
                **{n: data[own[number]] if number in own else blank for n, own in places.items()},
            }
        )
        for number in numbers
    ]
    long = pd.concat(parts, ignore_index=True)
    return long[long[list(wide)].notna().any(axis=1)].reset_index(drop=True)


def _numbered(data: pd.DataFrame, name: str, pattern: str) -> dict[int, Hashable]:
    """Find the columns that a pattern means, by session number."""
    if not isinstance(pattern, str) or pattern.count(NUMBER) != 1:
        said = f"the pattern of '{name}' should hold {NUMBER} once"
        raise stop("argument 'wide'", said, f"write for example 'wai_s{NUMBER}'")
    regular = re.escape(pattern).replace(re.escape(NUMBER), r"([0-9]{1,6})")
    matches = ((column, re.fullmatch(regular, str(column))) for column in data)
    found = [(int(match[1]), column) for column, match in matches if match]
    if not found:
        remedy = "look at the names of its columns: " + ", ".join(map(str, list(data)[:8])) + " …"
        raise stop("argument 'wide'", f"no column of the data is called '{pattern}'", remedy)
    if len({number for number, _ in found}) < len(found):
        said = f"two columns called '{pattern}' have the same session number"
        raise stop("argument 'wide'", said, "keep one of them")
    return dict(found)


def session_frame(
    data: pd.DataFrame,
    *,
    patient: str,
    session: str,
    score: str,
    attended: str,
    wide: str | Mapping[str, str] | None,
    target: str,
) -> pd.DataFrame:
    """Take a frame of sessions under the names of the data contract.

    Parameters
    ----------
    data : DataFrame
        One row a patient and session, or with `wide` one row a patient; it is not changed.
    patient, session, score, attended : str
        Its columns; `attended` (1 or 0) may be absent: every row is an attended session then.
    wide : str, mapping of str to str, or None
        How the columns of the score are called, or of several columns, see `lengthened`.
    target : str
        What the score is called in the data contract.

    Returns
    -------
    DataFrame
        ``patient_id`` as in `data`, ``session``, ``attended``, `target`, and every other column.

    Raises
    ------
    StudyError
        A column is absent or has values that it cannot have; all problems at once.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": [7, 7], "nr": [1, 2], "wai": [50, 41]})
    >>> names = {"patient": "id", "session": "nr", "score": "wai", "attended": "attended"}
    >>> session_frame(frame, **names, wide=None, target="alliance_patient").to_dict("list")
    {'patient_id': [7, 7], 'session': [1, 2], 'alliance_patient': [50.0, 41.0], 'attended': [1, 1]}
    """
    _require_frame(data, "data")
    if wide is not None:
        data = lengthened(data, {score: wide} if isinstance(wide, str) else wide, patient)
        session = "session"
    _require(data, [patient, session], "data")
    own = {patient: "patient_id", session: "session", score: target, attended: "attended"}
    if len(own) < 4:
        found = "patient, session, score and attended should be four different columns"
        raise stop("arguments", found, "give each its own column")
    taken = [c for c in data if c in own.values() and c not in own]
    out = data.drop(columns=taken).rename(columns=own)
    problems = [*_wrong_ids(out, patient), *_wrong_sessions(out, session)]
    for name, shown in ((target, score), ("attended", attended)):
        if name in out:
            problems += _not_numeric(out[name], shown)
    if problems:
        raise StudyError(problems)
    out["session"] = out["session"].astype("int64")
    if target in out:
        out[target] = out[target].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    given = out["attended"] if "attended" in out else pd.Series(1, out.index)
    out["attended"] = given.astype("Float64").fillna(1).astype("int64")
    if not out["attended"].isin([0, 1]).all():
        raise stop("data", "expected 1 (attended) or 0 (missed)", "recode it", attended)
    _require_once(out, ["patient_id", "session"], "data", "keep one row a patient and session")
    return out


def patient_frame(data: pd.DataFrame, patient: str, sessions: pd.DataFrame) -> pd.DataFrame:
    """Take a frame of patients under the names of the data contract.

    Parameters
    ----------
    data : DataFrame
        One row a patient, with ``ending`` and what else a model reads; it is not changed.
    patient : str
        Its column of identifiers.
    sessions : DataFrame
        From `session_frame`; a patient without one is left out.

    Returns
    -------
    DataFrame
        ``patient_id``, ``therapist_id`` and ``planned_sessions`` (missing where not given), and
        every other column.

    Examples
    --------
    >>> people = pd.DataFrame({"id": [7], "ending": ["dropout"]})
    >>> list(patient_frame(people, "id", pd.DataFrame({"patient_id": [7]})))
    ['patient_id', 'ending', 'therapist_id', 'planned_sessions']
    """
    _require_frame(data, "patients")
    _require(data, [patient], "patients")
    taken = [c for c in data if c == "patient_id" and c != patient]
    out = data.drop(columns=taken).rename(columns={patient: "patient_id"})
    if found := [*_wrong_ids(out, patient, "patients"), *_wrong_endings(out)]:
        raise StudyError(found)
    _require_once(out, ["patient_id"], "patients", "keep one row a patient")
    lacking = ~sessions["patient_id"].isin(out["patient_id"])
    if lacking.any():
        said = f"sessions have patients who are not in this frame{_at(lacking)}"
        raise stop("patients", said, "add them, or write identifiers alike (7 is not '007')")
    for name, kind in (("therapist_id", "string"), ("planned_sessions", "Int64")):
        if name not in out:
            out[name] = pd.Series(pd.NA, out.index, dtype=kind)
    return out[out["patient_id"].isin(sessions["patient_id"])].reset_index(drop=True)


def _require_frame(data: Any, argument: str) -> None:
    if not isinstance(data, pd.DataFrame):
        found = f"expected a pandas DataFrame, found {type(data).__name__}"
        raise stop(f"argument '{argument}'", found, "read the file first: pandas.read_csv(…)")
    twice = data.columns[data.columns.duplicated()]
    if len(twice):
        raise stop(argument, "there are two columns of this name", "rename one", twice[0])
    if not len(data):
        raise stop(argument, "the frame has no rows", "look how it was read or filtered")


def _require(data: pd.DataFrame, columns: Sequence[str], argument: str) -> None:
    known = [str(column) for column in data]
    lacking = [name for name in columns if name not in data]
    if lacking:
        raise StudyError(
            [
                Problem(
                    argument,
                    f"there is no such column{did_you_mean(str(name), known)}",
                    "name the right one in the call, or rename it: df.rename(columns={…})",
                    str(name),
                )
                for name in lacking
            ]
        )


def _require_once(data: pd.DataFrame, key: list[str], argument: str, remedy: str) -> None:
    twice = data.duplicated(key)
    if twice.any():
        each = "patient and session" if len(key) > 1 else "patient"
        found = f"expected one row a {each}, found another{_at(twice)}"
        raise stop(argument, found, remedy)


def _wrong_ids(data: pd.DataFrame, shown: str, argument: str = "data") -> Iterator[Problem]:
    lacking = data["patient_id"].isna()
    if lacking.any():
        found = f"identifiers are missing{_at(lacking)}"
        yield Problem(argument, found, "fill them in, or leave these rows out", shown)


def _wrong_sessions(data: pd.DataFrame, shown: str) -> Iterator[Problem]:
    numbers = pd.to_numeric(data["session"], errors="coerce").astype("Float64")
    whole = (numbers % 1 == 0) & (numbers >= 1) & (numbers <= LAST_SESSION)
    wrong = ~whole.fillna(False).astype(bool)
    if wrong.any():
        found = f"expected whole numbers from 1 on, found something else{_at(wrong)}"
        yield Problem("data", found, "number each patient's sessions 1, 2, …", shown)


def _not_numeric(values: pd.Series, shown: str) -> Iterator[Problem]:
    wrong = values.notna()
    if pd.api.types.infer_dtype(values, skipna=True) in NUMERIC:
        numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        wrong = wrong & np.isinf(numbers)
    if wrong.any():
        found = f"expected finite numbers, found something else{_at(wrong)}"
        yield Problem("data", found, "convert the column: pandas.to_numeric(…)", shown)


def _wrong_endings(data: pd.DataFrame) -> Iterator[Problem]:
    if "ending" not in data:
        return
    codes = list(fields("endings")["ending"]["constraints"]["enum"])
    wrong = data["ending"].notna() & ~data["ending"].isin(codes)
    if wrong.any():
        found = f"expected {', '.join(codes)} or nothing, found something else{_at(wrong)}"
        yield Problem("patients", found, "recode it: patients['ending'].replace({…})", "ending")


def _at(rows: pd.Series) -> str:
    """Say where rows are, by position.

    >>> _at(pd.Series([True, False, True]))
    ' in rows 0, 2 (counted from 0)'
    """
    places = np.flatnonzero(rows.to_numpy(dtype=bool))
    shown = ", ".join(str(place) for place in places[:SHOWN_ROWS])
    more = f" and {len(places) - SHOWN_ROWS} more" if len(places) > SHOWN_ROWS else ""
    return f" in row{'s' if len(places) > 1 else ''} {shown}{more} (counted from 0)"
