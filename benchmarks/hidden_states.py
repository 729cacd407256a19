"""Time states told from reports with errors, fitted together with an outcome.

    python benchmarks/hidden_states.py                     8,000 patients, about 96,000 sessions
    python benchmarks/hidden_states.py --patients 600      as in the example study

The log-likelihood and its gradient are timed beside the sum over paths, patient by patient and
session by session in plain numpy; the largest difference between the two is shown. Memory is the
peak of this process.
"""

import argparse
import resource
import time

import numpy as np

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.hidden_states.courses import Courses
from rupture_outcome.engine.hidden_states.fit import fit_hidden
from rupture_outcome.engine.hidden_states.likelihood import HiddenLikelihood
from rupture_outcome.engine.multilevel.links import event_probability
from rupture_outcome.estimates.hidden_states.reports import SOURCES, StudyReports

SESSIONS, HAZARD = 24, np.array([-4.0, 0.8, -0.1])
ANSWERED = np.array([0.94, 0.25, 0.9, 0.15, 0.1, 0.1, 0.85, 0.8])
STRUCTURE = StudyReports(SOURCES, np.zeros((0, len(SOURCES)), np.int8)).structure


def simulate(patients: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patient, reports and dropout of every session, drawn from the starting values."""
    start = STRUCTURE.start
    moves, tables = STRUCTURE.transitions(start).cumsum(axis=1), STRUCTURE.tables(start)
    leaves = event_probability(HAZARD[0] + np.append(0.0, HAZARD[1:]), "logit")
    planned = rng.integers(4, SESSIONS, patients)
    here, phase, rows = np.arange(patients), np.zeros(patients, int), []
    for t in range(SESSIONS):
        phase = (rng.random(len(here))[:, None] > moves[phase]).sum(axis=1)
        seen = np.full((len(here), len(SOURCES)), -1)
        for k, (report, table) in enumerate(zip(STRUCTURE.reports, tables, strict=True)):
            chances = table[list(report.classes)].cumsum(axis=1)[phase]
            seen[:, k] = (rng.random(len(here))[:, None] > chances).sum(axis=1)
        seen[rng.random(seen.shape) > ANSWERED] = -1
        left = rng.random(len(here)) < leaves[np.array(STRUCTURE.states)[phase]]
        rows.append(np.column_stack([here, seen, left]))
        stays = ~left & (t + 1 < planned[here])
        here, phase = here[stays], phase[stays]
    every = np.concatenate(rows)
    every = every[np.argsort(every[:, 0], kind="stable")]
    return every[:, 0], every[:, 1:-1], every[:, -1].astype(float)


def plainly(theta: Floats, person: np.ndarray, reports: np.ndarray, dropout: np.ndarray) -> float:
    """Log-likelihood, one patient after the other."""
    moves, tables = STRUCTURE.transitions(theta), STRUCTURE.tables(theta)
    chance = event_probability(theta[-3] + np.append(0.0, theta[-2:]), "logit")
    leaves, total = chance[list(STRUCTURE.states)], 0.0
    for who in np.unique(person):
        expected = moves[STRUCTURE.first]
        for seen, left in zip(reports[person == who], dropout[person == who], strict=True):
            joint = expected * (leaves if left else 1.0 - leaves)
            for report, table, level in zip(STRUCTURE.reports, tables, seen, strict=True):
                if level >= 0:
                    joint = joint * table[list(report.classes), level]
            total += float(np.log(joint.sum()))
            expected = joint / joint.sum() @ moves
    return total


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=8000)
    parser.add_argument("--therapists", type=int, default=400)
    parser.add_argument("--timed", type=int, default=200, help="patients of the plain sum")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    rng = np.random.default_rng(chosen.seed)
    person, reports, dropout = simulate(chosen.patients, rng)
    n = len(person)
    print(f"{chosen.patients:,} patients, {n:,} sessions, {len(SOURCES)} reports")
    start = time.perf_counter()
    courses = Courses.of(person, reports, np.ones((n, 1)), dropout, np.ones(n, bool))
    likelihood = HiddenLikelihood(STRUCTURE, courses)
    theta = np.append(STRUCTURE.start, HAZARD)
    print(f"laid out in {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    likelihood.gradient(likelihood.evaluate(theta))
    print(f"log-likelihood and gradient: {time.perf_counter() - start:.3f} s")
    start = time.perf_counter()
    fit = fit_hidden(likelihood, rng.integers(0, chosen.therapists, chosen.patients)[person])
    seconds = time.perf_counter() - start
    print(
        f"fit with errors: {seconds:.1f} s, {'converged' if fit.converged else 'did not converge'}"
    )
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    few = person < chosen.timed
    part = Courses.of(
        person[few], reports[few], np.ones((few.sum(), 1)), dropout[few], np.ones(few.sum(), bool)
    )
    start = time.perf_counter()
    by_hand = plainly(theta, person[few], reports[few], dropout[few])
    seconds = (time.perf_counter() - start) * n / max(few.sum(), 1)
    gap = abs(HiddenLikelihood(STRUCTURE, part, pseudo_count=0.0).evaluate(theta).value - by_hand)
    relative = gap / abs(by_hand)
    print(f"log-likelihood patient by patient: {seconds:.1f} s, relative difference {relative:.1e}")


if __name__ == "__main__":
    main()
