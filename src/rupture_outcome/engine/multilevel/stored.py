"""A fitted multilevel hazard on paper: what the search found, to be read and not searched again.

A fit is what the search found and the rows that it was found in. Only the first is stored, in plain
numbers that JSON keeps to the last digit; the rows are given again when the fit is read, and are
known by their checksum. So a fit that is read is the fit that was made, and none is taken for it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from rupture_outcome.engine.multilevel.fit import Fitted, Rows, columns_left
from rupture_outcome.engine.multilevel.marginal_likelihood import Expansion, MarginalLikelihood
from rupture_outcome.engine.multilevel.results import (
    MultilevelHazardResults,
    MultilevelHazardResultsWrapper,
)
from rupture_outcome.engine.multilevel.separation import Separation
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.errors import Problem, StudyError

ARRAYS = ("theta", "modes", "scales", "shares", "by_group")
NUMBERS = ("sd", "llf", "llf_plain", "gradient_norm", "condition_number")
FLAGS = ("boundary", "newton_converged")
WORDS = {
    "link": "its link",
    "quadrature": "its number of nodes",
    "rows": "the number of rows",
    "columns": "the number of columns",
    "groups": "the number of groups",
    "checksum": "the values in the rows",
}


def stored(fit: Any) -> dict[str, Any]:
    """Give what the search found, in plain Python types; a number that is not finite is None.

    Parameters
    ----------
    fit : MultilevelHazardResults

    Returns
    -------
    dict
        ``of`` says which rows it was found in, ``names`` the columns; ``beta``, ``cov`` and numbers
        are those of `Fitted`, ``point`` the expansion around the groups' modes, ``separation`` that
        of `Separation` or None, ``sd_intervals`` the profile intervals that were asked for so far.

    Examples
    --------
    >>> from rupture_outcome.engine.hazard import MultilevelHazard
    >>> model = MultilevelHazard([1, 0, 0, 0] * 2, np.ones((8, 1)), [0] * 4 + [1] * 4)
    >>> kept = stored(model.fit())
    >>> round(kept["beta"][0], 4), kept["of"]["rows"], kept["separation"]
    (-1.0986, 8, None)
    >>> restored(model, 1, kept).llf == model.fit().llf
    True
    """
    fitted = fit.fitted
    return {
        "of": _known_by(fit.model, fit.quadrature),
        "names": [str(name) for name in fit.model.exog_names],
        "beta": _plain(fitted.beta),
        "cov": _plain(fitted.cov),
        **{name: _plain(getattr(fitted, name)) for name in NUMBERS},
        **{name: bool(getattr(fitted, name)) for name in FLAGS},
        "point": {name: _plain(getattr(fitted.point, name)) for name in ARRAYS},
        "groups_used": fitted.groups_used.tolist(),
        "separation": None if fitted.separation is None else _of_separation(fitted.separation),
        "sd_intervals": [[alpha, *_plain(ends)] for alpha, ends in fit.sd_intervals.items()],
    }


@steady
def restored(model: Any, quadrature: int, kept: Mapping[str, Any]) -> Any:
    """Give the fit of a model that `stored` has put on paper.

    Parameters
    ----------
    model : MultilevelHazard
        Of the same rows; its columns may be called otherwise.
    quadrature : int
        Nodes that the fit is wanted with.
    kept : mapping
        From `stored`, through JSON or not.

    Returns
    -------
    MultilevelHazardResults
        Equal to the last digit to what `model.fit(quadrature)` gave.

    Raises
    ------
    StudyError
        The fit is of other rows, of another link or of other nodes.
    """
    _refuse_others(_known_by(model, quadrature), kept["of"])
    rows: Rows = model.rows()
    separation = None if kept["separation"] is None else _to_separation(kept["separation"])
    if separation is not None:
        left = columns_left(rows.X[~separation.rows], separation)
        rows = rows.part(~separation.rows, left)
    like = MarginalLikelihood(rows.grouped(), quadrature)
    arrays = {name: _array(kept["point"][name]) for name in ARRAYS}
    fixed = like.data.X.times(arrays["theta"][:-1])
    numbers: dict[str, Any] = {name: _number(kept[name]) for name in NUMBERS}
    if kept["condition_number"] is None:
        numbers["condition_number"] = float("inf")
    fitted = Fitted(
        beta=_array(kept["beta"]),
        cov=_array(kept["cov"]),
        **numbers,
        **{name: kept[name] for name in FLAGS},
        separation=separation,
        like=like,
        point=Expansion(fixed=fixed, value=numbers["llf"], **arrays),
        groups_used=np.array(kept["groups_used"], dtype=np.intp),
    )
    results = MultilevelHazardResults(model, fitted, quadrature)
    for alpha, low, high in kept["sd_intervals"]:
        results.sd_intervals[alpha] = low, float("inf") if high is None else high
    return MultilevelHazardResultsWrapper(results)


def _known_by(model: Any, quadrature: int) -> dict[str, Any]:
    rows: Rows = model.rows()
    digest = hashlib.sha256(str(model.grouped).encode())
    parts = [rows.X, rows.y, rows.codes.astype(np.int64)]
    for part in parts if rows.weights is None else [*parts, rows.weights]:
        digest.update(np.ascontiguousarray(part).data)
    return {
        "link": rows.link,
        "quadrature": quadrature,
        "rows": rows.X.shape[0],
        "columns": rows.X.shape[1],
        "groups": len(model.group_labels),
        "checksum": digest.hexdigest(),
    }


def _refuse_others(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    other = [words for key, words in WORDS.items() if found[key] != wanted[key]]
    if other:
        what = f"the stored fit is not that of these rows: it differs in {', '.join(other)}"
        remedy = "remove the file of the fit, and run again: it is made anew"
        raise StudyError([Problem("stored fit", what, remedy)])


def _of_separation(separation: Separation) -> dict[str, Any]:
    given = {field.name: getattr(separation, field.name) for field in fields(separation)}
    return {
        **{name: value.tolist() for name, value in given.items() if name not in ("rows", "cones")},
        "rows": {"of": len(separation.rows), "at": np.flatnonzero(separation.rows).tolist()},
        "cones": [cone.tolist() for cone in separation.cones],
    }


def _to_separation(kept: Mapping[str, Any]) -> Separation:
    rows = np.zeros(kept["rows"]["of"], dtype=bool)
    rows[kept["rows"]["at"]] = True
    columns = len(kept["size"])
    return Separation(
        rows=rows,
        size=_array(kept["size"]),
        free=_array(kept["free"]).reshape(columns, -1),
        cones=tuple(_array(cone) for cone in kept["cones"]),
        open=_array(kept["open"]).reshape(columns, -1),
    )


def _plain(values: Any) -> Any:
    """Numbers as Python has them, None where they are not finite."""
    array = np.asarray(values, dtype=float)
    known = array.astype(object)
    known[~np.isfinite(array)] = None
    return known.tolist()


def _array(values: Any) -> Any:
    return np.array(values, dtype=float)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
