"""Hidden states against the sum over all paths, and against data whose states are known."""

from itertools import product

import numpy as np
import pytest

from rupture_outcome.engine.hidden_states.courses import Courses
from rupture_outcome.engine.hidden_states.fit import fit_hidden
from rupture_outcome.engine.hidden_states.likelihood import HiddenLikelihood
from rupture_outcome.engine.hidden_states.structure import Move, Report, Structure
from rupture_outcome.engine.multilevel.links import event_probability

# Two orders of summation of products of some hundred factors.
ROUNDING = 1e-10
STATES = (0, 1, 1, 2, 2)
MOVES = (
    Move((0,), (0, 1), (0.8, 0.2)),
    Move((1, 2), (2, 3), (0.6, 0.4)),
    Move((3, 4), (4, 1), (0.7, 0.3)),
)
REPORTS = (
    Report("yes_no", (0, 1, 1, 2, 0), ((0.9, 0.1), (0.3, 0.7), (0.5, 0.5))),
    Report(
        "three",
        (0, 1, 2, 3, 0),
        ((0.8, 0.1, 0.1), (0.3, 0.6, 0.1), (0.7,) + (0.15,) * 2, (0.3, 0.1, 0.6)),
    ),
)
STRUCTURE = Structure(STATES, 0, MOVES, REPORTS)


def some_courses(rng, lengths=(5, 1, 4, 3)):
    n = sum(lengths)
    person = np.repeat(np.arange(len(lengths)), lengths)
    reports = np.column_stack([rng.integers(-1, 2, n), rng.integers(-1, 3, n)])
    design = np.column_stack([np.ones(n), rng.standard_normal(n)])
    outcome = np.zeros(n)
    outcome[np.cumsum(lengths)[[0, 2]] - 1] = 1
    at_risk = rng.random(n) < 0.8
    return person, reports, design, outcome, at_risk | (outcome == 1)


def at_random(likelihood, rng):
    return np.append(STRUCTURE.start, np.zeros(4)) + 0.5 * rng.standard_normal(likelihood.size)


def chance_of_path(theta, path, reports, design, outcome, at_risk, link, *, last_outcome=True):
    """Chance of a path with everything that is seen along it."""
    transitions, tables = STRUCTURE.transitions(theta), STRUCTURE.tables(theta)
    beta, gamma = theta[-4:-2], np.append(0.0, theta[-2:])
    chance, before = 1.0, STRUCTURE.first
    for t, z in enumerate(path):
        chance *= transitions[before, z]
        for report, table, level in zip(REPORTS, tables, reports[t], strict=True):
            chance *= 1.0 if level < 0 else table[report.classes[z], level]
        if at_risk[t] and (last_outcome or t < len(path) - 1):
            h = event_probability(design[t, None] @ beta + gamma[STATES[z]], link)[0]
            chance *= h if outcome[t] else 1 - h
        before = z
    return chance


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_likelihood_is_the_sum_over_all_paths(link):
    rng = np.random.default_rng(1)
    person, *seen = some_courses(rng)
    likelihood = HiddenLikelihood(STRUCTURE, Courses.of(person, *seen), link, pseudo_count=0.0)
    theta = at_random(likelihood, rng)
    by_hand = 0.0
    for who in range(4):
        own = [values[person == who] for values in seen]
        paths = product(range(5), repeat=len(own[0]))
        by_hand += np.log(sum(chance_of_path(theta, path, *own, link) for path in paths))
    assert likelihood.evaluate(theta).value == pytest.approx(by_hand, abs=ROUNDING)


@pytest.mark.parametrize("only_before", [True, False])
def test_chances_of_phases_are_shares_of_paths(only_before):
    rng = np.random.default_rng(2)
    person, *seen = some_courses(rng)
    likelihood = HiddenLikelihood(STRUCTURE, Courses.of(person, *seen))
    theta = at_random(likelihood, rng)
    found = likelihood.phases(likelihood.evaluate(theta), only_before=only_before)
    for row, who in enumerate(person):
        start = int(np.flatnonzero(person == who)[0])
        stop = row + 1 if only_before else int(np.flatnonzero(person == who)[-1]) + 1
        own = [values[start:stop] for values in seen]
        shares = np.zeros(5)
        for path in product(range(5), repeat=stop - start):
            shares[path[row - start]] += chance_of_path(
                theta, path, *own, "logit", last_outcome=not only_before
            )
        assert found[row] == pytest.approx(shares / shares.sum(), abs=ROUNDING)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_gradient_is_that_of_the_likelihood(link):
    rng = np.random.default_rng(3)
    likelihood = HiddenLikelihood(STRUCTURE, Courses.of(*some_courses(rng)), link)
    theta = at_random(likelihood, rng)
    step = 1e-6 * np.eye(likelihood.size)
    slopes = [
        (likelihood.evaluate(theta + e).value - likelihood.evaluate(theta - e).value) / 2e-6
        for e in step
    ]
    # central differences of a value near 30: 30 · 1e-16 / 1e-6
    assert likelihood.gradient(likelihood.evaluate(theta)) == pytest.approx(slopes, abs=1e-7)


def test_scores_of_clusters_add_up_to_the_gradient():
    rng = np.random.default_rng(4)
    person, *seen = some_courses(rng)
    likelihood = HiddenLikelihood(STRUCTURE, Courses.of(person, *seen), pseudo_count=0.0)
    point = likelihood.evaluate(at_random(likelihood, rng))
    scores = likelihood.scores(point, (person % 2)[likelihood.courses.order])
    assert scores.shape == (2, likelihood.size)
    assert scores.sum(axis=0) == pytest.approx(likelihood.gradient(point), abs=ROUNDING)
    alone = Courses.of(person[person % 2 == 1], *(values[person % 2 == 1] for values in seen))
    part = HiddenLikelihood(STRUCTURE, alone, pseudo_count=0.0)
    assert scores[1] == pytest.approx(part.gradient(part.evaluate(point.theta)), abs=ROUNDING)


def test_nothing_later_changes_what_is_known_before():
    rng = np.random.default_rng(5)
    person, reports, design, outcome, at_risk = some_courses(rng)
    courses = Courses.of(person, reports, design, outcome, at_risk)
    later = reports.copy()
    later[3:5] = 1 - later[3:5].clip(0, 1)
    found = []
    for seen in (courses, Courses.of(person, later, design, outcome, at_risk)):
        likelihood = HiddenLikelihood(STRUCTURE, seen)
        theta = np.append(STRUCTURE.start, np.array([-3.0, 0.1, 0.8, -0.1]))
        found.append(likelihood.phases(likelihood.evaluate(theta)))
    assert np.array_equal(found[0][:3], found[1][:3])
    assert not np.allclose(found[0][3:5], found[1][3:5])


def drawn(rng, persons, theta):
    """Courses from the model itself, with the true states."""
    transitions, tables = STRUCTURE.transitions(theta), STRUCTURE.tables(theta)
    hazards = event_probability(theta[-3] + np.append(0.0, theta[-2:]), "logit")
    rows = []
    for who in range(persons):
        z = STRUCTURE.first
        for _ in range(12):
            z = rng.choice(5, p=transitions[z])
            seen = [
                rng.choice(report.levels, p=table[report.classes[z]])
                for report, table in zip(REPORTS, tables, strict=True)
            ]
            seen = [-1 if rng.random() < 0.1 else level for level in seen]
            left = rng.random() < hazards[STATES[z]]
            rows.append((who, *seen, left, STATES[z]))
            if left:
                break
    return np.array(rows)


def test_effects_and_error_rates_are_recovered():
    """A model fitted to 3,000 of its own courses is within four standard errors of the truth."""
    truth = np.concatenate([STRUCTURE.start, [-3.0, 1.2, 0.2]])
    rows = drawn(np.random.default_rng(6), 3000, truth)
    person, n = rows[:, 0], len(rows)
    courses = Courses.of(person, rows[:, 1:3], np.ones((n, 1)), rows[:, 3], np.ones(n, bool))
    fit = fit_hidden(HiddenLikelihood(STRUCTURE, courses), person)
    assert fit.converged
    errors = np.sqrt(np.diag(fit.covariance))
    assert (np.abs(fit.theta - truth) < 4 * errors).all()
    estimate, error = fit.contrast(2, 1)
    assert error < 0.25
    assert estimate == pytest.approx(-1.0, abs=4 * error)
    log_odds, error = fit.chance(len(MOVES) + 1, 1)  # "yes" of the first report in the open state
    assert log_odds == pytest.approx(np.log(0.7 / 0.3), abs=4 * error)


def test_known_states_give_the_plain_hazard():
    """Reports without error leave a logistic regression on the states."""
    from statsmodels.api import GLM, families

    rng = np.random.default_rng(7)
    sure = Report(
        "state",
        (0, 1, 1, 2, 2),
        ((1 - 2e-9, 1e-9, 1e-9), (1e-9, 1 - 2e-9, 1e-9), (1e-9, 1e-9, 1 - 2e-9)),
    )
    theta = np.concatenate([STRUCTURE.start, [-2.0, 1.0, 0.2]])
    rows = drawn(rng, 400, theta)
    n, state = len(rows), rows[:, 4]
    structure = Structure(STATES, 0, MOVES, (sure,))
    courses = Courses.of(rows[:, 0], state[:, None], np.ones((n, 1)), rows[:, 3], np.ones(n, bool))
    fit = fit_hidden(HiddenLikelihood(structure, courses, pseudo_count=1e-3), rows[:, 0])
    plain = GLM(
        rows[:, 3],
        np.column_stack([np.ones(n), state == 1, state == 2]).astype(float),
        family=families.Binomial(),
    ).fit()
    # what is left of doubt about the state: pseudo-counts of a thousandth of a report
    assert fit.theta[-2:] == pytest.approx(plain.params[1:], abs=1e-4)
