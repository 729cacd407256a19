"""Who is in a simulated study: therapists, units, patients and their schedules."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.simulation.truth import Truth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# format: share of patients, members of one unit, planned sessions to choose from
FORMATS: dict[str, tuple[float, int, tuple[int, ...]]] = {
    "individual": (0.79, 1, (8, 12, 12, 16, 16, 20, 24)),
    "couple": (0.08, 2, (8, 12, 16)),
    "family": (0.05, 3, (8, 12)),
    "group": (0.08, 6, (12, 16)),
}
POPULATIONS = {"depression": 0.40, "anxiety": 0.32, "ptsd": 0.16, "personality": 0.12}
TREATMENTS = {
    "depression": "cbt",
    "anxiety": "cbt",
    "ptsd": "trauma_focused_cbt",
    "personality": "schema_therapy",
}
AGE_BANDS = {"12-17": 0.07, "18-29": 0.31, "30-44": 0.32, "45-64": 0.24, "65+": 0.06}
GENDERS = {"female": 0.62, "male": 0.35, "diverse": 0.03}
CHANGES_THERAPIST = 0.05
NEVER = 10_000


@dataclass(frozen=True)
class People:
    """Patients, their therapists and the random effects of both.

    Attributes
    ----------
    patients : DataFrame
        The table ``patients`` of the data contract, complete.
    therapist_ids : array of str, shape (therapists,)
    effects : DataFrame
        Row per therapist: ``rupture``, ``repair``, ``dropout`` (log odds), ``alliance`` (points).
    first, second : int arrays, shape (patients,)
        Therapist at the start, and after a change (the same where there is none).
    change : int array, shape (patients,)
        Attended session from which the second therapist holds the sessions.
    unit : int array, shape (patients,)
        Index of the unit; patients in individual treatment are their own unit.
    """

    patients: pd.DataFrame
    therapist_ids: NDArray[np.str_]
    effects: pd.DataFrame
    first: Ints
    second: Ints
    change: Ints
    unit: Ints

    def therapist(self, n: int) -> Ints:
        """Index of each patient's therapist at the `n`-th attended session (1, 2, …)."""
        return np.where(n < self.change, self.first, self.second)


def draw_people(truth: Truth, rng: np.random.Generator) -> People:
    """Draw therapists and patients; no identifier follows from an attribute."""
    site_of_therapist = rng.permutation(np.arange(truth.therapists) % truth.sites)
    effects = _therapist_effects(truth, rng)
    units = _draw_units(truth, rng, site_of_therapist)
    member = rng.permutation(np.repeat(np.arange(len(units)), units["size"]))[: truth.patients]
    own = units.iloc[member].reset_index(drop=True)
    therapist_ids = _labels("T", truth.therapists, 2)
    first = own["therapist"].to_numpy()
    change = _changes(own, rng)
    patients = pd.DataFrame(
        {
            "patient_id": _labels("P", truth.patients, 4),
            "therapist_id": therapist_ids[first],
            "site_id": _labels("S", truth.sites, 1)[site_of_therapist[first]],
            "population": own["population"],
            "age_band": _choose(AGE_BANDS, truth.patients, rng),
            "gender": _choose(GENDERS, truth.patients, rng),
            "format": own["format"],
            "unit_id": own["unit_id"],
            "treatment": own["treatment"],
            "severity": _severity(truth, rng),
            "planned_sessions": own["planned"],
        }
    )
    second = np.where(change < NEVER, _colleague(first, site_of_therapist, rng), first)
    return People(patients, therapist_ids, effects, first, second, change, member)


def _therapist_effects(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    spread = {
        "rupture": truth.rupture_therapist_sd,
        "repair": truth.repair_therapist_sd,
        "dropout": truth.dropout_therapist_sd,
        "alliance": truth.alliance_therapist_sd,
    }
    return pd.DataFrame(
        {name: sd * rng.standard_normal(truth.therapists) for name, sd in spread.items()}
    )


def _draw_units(truth: Truth, rng: np.random.Generator, site: Ints) -> pd.DataFrame:
    frames = []
    for name, (share, size, lengths) in FORMATS.items():
        count = int(np.ceil(truth.patients * share / size))
        frames.append(
            pd.DataFrame(
                {"format": name, "size": size, "planned": rng.choice(lengths, count)},
            )
        )
    # counts are rounded up; draw_people cuts off the excess, so a few units lack a member
    units = pd.concat(frames, ignore_index=True)
    caseload = rng.gamma(3.0, size=truth.therapists) + 0.5
    units["therapist"] = rng.choice(truth.therapists, len(units), p=caseload / caseload.sum())
    units["population"] = _choose(POPULATIONS, len(units), rng)
    systemic = units["format"].isin(["couple", "family"])
    units["treatment"] = units["population"].map(TREATMENTS).mask(systemic, "systemic_therapy")
    shared = units["size"].to_numpy() > 1
    units["unit_id"] = pd.Series(pd.NA, index=units.index, dtype="str")
    units.loc[shared, "unit_id"] = rng.permutation(_labels("U", int(shared.sum()), 3))
    return units


def _severity(truth: Truth, rng: np.random.Generator) -> Ints:
    drawn = truth.severity_mean + truth.severity_sd * rng.standard_normal(truth.patients)
    return np.clip(np.rint(drawn), 0, 27).astype(int)


def _changes(own: pd.DataFrame, rng: np.random.Generator) -> Ints:
    planned = own["planned"].to_numpy()
    changes = (own["format"] == "individual").to_numpy() & (
        rng.random(len(own)) < CHANGES_THERAPIST
    )
    return np.where(changes, rng.integers(3, np.maximum(planned - 1, 4)), NEVER)


def _colleague(first: Ints, site: Ints, rng: np.random.Generator) -> Ints:
    """Another therapist at the same site, at random; the same one where there is no other."""
    order = rng.random((len(first), len(site)))
    order[site[first][:, None] != site[None, :]] = 2.0
    order[np.arange(len(first)), first] = 1.5
    return order.argmin(axis=1)


def _choose(shares: dict[str, float], n: int, rng: np.random.Generator) -> NDArray[np.str_]:
    return rng.choice(np.array(list(shares)), n, p=list(shares.values()))


def _labels(letter: str, n: int, digits: int) -> NDArray[np.str_]:
    width = max(digits, len(str(n)))
    return np.array([f"{letter}{i:0{width}d}" for i in range(1, n + 1)])
