"""Where the clinical range ends: one cut-off for all, or by age band and gender."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.reliable_change import Method, Norm, cutoff
from rupture_outcome.errors import Problem, StudyError

Kind = Literal["given", "a", "b", "c"]
GROUPS = ("age_band", "gender")


@dataclass(frozen=True)
class FailureSettings:
    """How change is judged; the `failure` section of the config.

    Parameters
    ----------
    method : {"JT", "GLN", "HLL", "EN", "NK", "HA"}
        Of reliable change.
    cutoff : {"given", "a", "b", "c"}
        The cut-off in the config, or one from norms.
    b_sd : {"functional", "clinical"}
        Whose SD cut-off b takes.
    """

    method: Method = "JT"
    cutoff: Kind = "given"
    b_sd: Literal["functional", "clinical"] = "functional"

    @classmethod
    def from_config(cls, failure: Mapping[str, Any]) -> "FailureSettings":
        """Take the `failure` section of the config."""
        return cls(failure["method"], failure["cutoff"], failure["b_sd"])


def cutoffs(
    patients: pd.DataFrame,
    instrument: Mapping[str, Any],
    settings: FailureSettings,
    study: Norm,
    name: str = "",
) -> Floats:
    """Give the cut-off of each patient.

    Of several norms the first that fits a patient's age band and gender is taken; one that names
    neither fits everybody.

    Parameters
    ----------
    patients : DataFrame
        ``age_band`` and ``gender``, where the study has them.
    instrument : mapping
        Of the symptoms: one entry of `instruments` in the config, with ``direction``, ``cutoff``
        and ``norms``.
    settings : FailureSettings
    study : Norm
        Mean and SD of the study's first scores: the clinical population where no other is given.
    name : str
        Of the instrument, for messages.

    Returns
    -------
    array, shape (patients,)
        In points; NaN where no cut-off is known.

    Raises
    ------
    StudyError
        A functional population is not on the better side of the clinical one.

    Examples
    --------
    >>> people = pd.DataFrame({"age_band": ["12-17", "30-44"]})
    >>> phq9 = {"direction": -1, "cutoff": 10, "norms": [{"age_band": "12-17", "cutoff": 11}]}
    >>> cutoffs(people, phq9, FailureSettings(), Norm(15.0, 5.0)).tolist()
    [11.0, 10.0]
    """
    norms = [*(instrument.get("norms") or []), {}]
    which = np.array([_first(norms, row) for row in _groups(patients)], dtype=int)
    each = [_cutoff(one, instrument, settings, study, name) for one in norms]
    return np.array(each, dtype=float)[which] if len(which) else np.zeros(0)


def _groups(patients: pd.DataFrame) -> list[dict[str, Any]]:
    there = [column for column in GROUPS if column in patients]
    if not there:
        return [{}] * len(patients)
    return patients[there].astype(object).to_dict("records")  # type: ignore[return-value]


def _first(norms: Sequence[Mapping[str, Any]], person: Mapping[str, Any]) -> int:
    """Place of the first norm that fits; the last one names no group."""
    fits = (
        all(norm.get(key) is None or person.get(key) == norm[key] for key in GROUPS)
        for norm in norms
    )
    return next(place for place, fit in enumerate(fits) if fit)


def _cutoff(
    norm: Mapping[str, Any],
    instrument: Mapping[str, Any],
    settings: FailureSettings,
    study: Norm,
    name: str,
) -> float:
    if settings.cutoff == "given":
        own = norm.get("cutoff")
        found = instrument.get("cutoff") if own is None else own
        return np.nan if found is None else float(found)
    clinical = Norm(*norm["clinical"]) if norm.get("clinical") else study
    functional = Norm(*norm["functional"]) if norm.get("functional") else None
    direction = int(instrument["direction"])
    if settings.cutoff == "a":
        return float(np.asarray(clinical.mean) + direction * 2.0 * np.asarray(clinical.sd))
    if functional is None or not np.isfinite(np.asarray(clinical.sd, dtype=float)):
        return np.nan
    try:
        return float(cutoff(settings.cutoff, clinical, functional, direction, settings.b_sd))
    except ValueError:
        found = "the functional population is not on the better side of the clinical one"
        remedy = "check the direction of the scale and the means of the norms"
        raise StudyError([Problem(f"config, instruments.{name}.norms", found, remedy)]) from None
