"""Likelihood of reports and outcomes with hidden states in between, by forward and backward."""

from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from rupture_outcome.engine.arrays import Floats, Rows
from rupture_outcome.engine.hidden_states.courses import Courses
from rupture_outcome.engine.hidden_states.structure import Structure
from rupture_outcome.engine.multilevel.links import LINKS


@dataclass(frozen=True)
class Point:
    """A parameter vector with its log-likelihood; chances are of phases, shape (rows, phases).

    Attributes
    ----------
    theta : array, shape (parameters,)
    value : float
        Log-likelihood, with the penalty.
    after : array
        Given all that is known up to the row, its outcome included.
    weight : array
        Chance of the row's reports and outcome in each phase, over that given what came before.
    transitions : array, shape (phases, phases)
    slopes : array, shape (rows, states)
        Derivative of the log chance of the outcome in its linear predictor, by state.
    """

    theta: Floats
    value: float
    after: Floats
    weight: Floats
    transitions: Floats
    slopes: Floats


@dataclass(frozen=True)
class HiddenLikelihood:
    r"""Log-likelihood of what is seen of hidden phases z, everybody in z_0 at first.

    .. math:: L = \prod_i \sum_z \prod_t P(z_t \mid z_{t-1}) \prod_m P(y_{mt} \mid z_t)\,
              P(d_t \mid z_t), \qquad g\{P(d_t = 1 \mid z_t)\} = x_t'\beta + \gamma_{s(z_t)}

    The outcome d ends a course; it is one more report, made after the others, so that the chance of
    it given what was seen before is :math:`\sum_z P(z_t = z \mid \text{reports up to } t,\
    d_{<t} = 0)\, P(d_t \mid z)`: nothing that is reported later enters it. Reports that are missing
    say nothing. With pseudo-counts a, `a log p` is added for every chance of a move or a report,
    which keeps them from 0.

    Parameters
    ----------
    structure : Structure
    courses : Courses
    link : {"logit", "cloglog"}
        The link g.
    pseudo_count : float

    Notes
    -----
    Scaled recursions of Rabiner (1989, Proceedings of the IEEE 77:257), recalled; the gradient is
    the expected gradient of the complete data (Fisher's identity).
    """

    structure: Structure
    courses: Courses
    link: str = "logit"
    pseudo_count: float = 0.5

    @property
    def size(self) -> int:
        """Number of parameters: log odds, then β, then γ of every state but the first."""
        return self.structure.size + self.courses.design.shape[1] + max(self.structure.states)

    def evaluate(self, theta: Floats) -> Point:
        """Go forward through all courses."""
        structure, steps = self.structure, self.courses.steps
        transitions = structure.transitions(theta)
        fits, slopes = self._outcome(theta)
        reported, top = _without_top(self._reported(theta))
        ended, most = _without_top(fits)
        weight = reported[self.courses.pattern] * ended[:, structure.states]
        after, scale = np.empty_like(weight), np.empty(len(weight))
        every = np.ones(structure.phases)
        for rows, before in zip(steps, [None, *steps[:-1]], strict=True):
            expected = _expected(after, before, rows, transitions, structure.first)
            joint = expected * weight[rows]
            scale[rows] = joint @ every
            after[rows] = joint / scale[rows, None]
        seen = top @ self.courses.often + most.sum()
        value = float(np.log(scale).sum() + seen) + self._penalty(theta)
        return Point(theta, value, after, weight / scale[:, None], transitions, slopes)

    def derivatives(self, at: Point) -> tuple[Floats, Floats]:
        """Gradient, and Hessian by central differences of gradients."""
        step = 1e-4
        rows = []
        for k in range(self.size):
            move = np.zeros(self.size)
            move[k] = step
            up, down = (self.gradient(self.evaluate(at.theta + s * move)) for s in (1.0, -1.0))
            rows.append((up - down) / (2.0 * step))
        hessian = np.array(rows)
        return self.gradient(at), (hessian + hessian.T) / 2.0

    def gradient(self, at: Point) -> Floats:
        """Gradient of the log-likelihood with its penalty."""
        every = np.zeros(len(self.courses.order), np.intp)
        out: Floats = self.scores(at, every)[0] + self._penalty_slope(at.theta)
        return out

    def scores(self, at: Point, groups: Rows) -> Floats:
        """Gradient of the log-likelihood of each group of rows, without the penalty.

        Parameters
        ----------
        at : Point
        groups : array of int, shape (rows,)
            Group of each row of the courses; all rows of a person are in one.

        Returns
        -------
        array, shape (groups, parameters)
        """
        structure, courses = self.structure, self.courses
        phases, moved = self._backward(at, groups)
        n = int(groups.max(initial=0)) + 1
        counts = [
            moved[:, list(move.sources)][:, :, list(move.targets)].sum(axis=1)
            for move in structure.moves
        ]
        seen = self._seen(phases, groups, n)
        for report, table in zip(structure.reports, seen, strict=True):
            classes = np.eye(len(report.start))[list(report.classes)]
            counts += list(np.einsum("glk,kc->cgl", table, classes))
        out = [
            (count - count.sum(axis=1, keepdims=True) * chances)[:, 1:]
            for count, chances in zip(counts, structure.chances(at.theta), strict=True)
        ]
        pull = (phases @ np.eye(max(structure.states) + 1)[list(structure.states)]) * at.slopes
        of_design = _weighted_sums(reduce(np.add, pull.T), courses.design, groups, n)
        return np.hstack([*out, of_design, _summed(pull[:, 1:], groups, n)])

    def phases(self, at: Point, *, only_before: bool = True) -> Floats:
        """Chances of the phases of each row, in the order in which rows were given.

        Parameters
        ----------
        at : Point
        only_before : bool
            Given reports up to the row and that the course went on until then; otherwise given
            everything that is known of the course.

        Returns
        -------
        array, shape (rows, phases)
        """
        if only_before:
            found = self._filtered(at)
        else:
            found, _ = self._backward(at, np.zeros(len(self.courses.order), np.intp))
        out = np.empty_like(found)
        out[self.courses.order] = found
        return out

    @cached_property
    def _kernel(self):  # type: ignore[no-untyped-def]
        return LINKS[self.link](self.courses.outcome[self.courses.risky][:, None])

    def _outcome(self, theta: Floats) -> tuple[Floats, Floats]:
        """Log chance of each row's outcome by state, and its derivative; 0 where not at risk."""
        courses, at = self.courses, self.structure.size
        columns = courses.design.shape[1]
        by_state = np.append(0.0, theta[at + columns :])
        eta = (courses.risky_design @ theta[at : at + columns])[:, None] + by_state
        fits = np.zeros((len(courses.order), len(by_state)))
        slopes = np.zeros_like(fits)
        fits[courses.risky] = self._kernel.loglik(eta)
        slopes[courses.risky] = self._kernel.derivatives(eta, 1)[0]
        return fits, slopes

    def _reported(self, theta: Floats) -> Floats:
        """Log chance of each pattern of reports in each phase."""
        out = np.zeros((len(self.courses.patterns), self.structure.phases))
        tables = self.structure.tables(theta)
        for k, (report, table) in enumerate(zip(self.structure.reports, tables, strict=True)):
            by_level = np.log(table[list(report.classes)]).T
            # A missing report, -1, finds the row of zeros at the end.
            out += np.vstack([by_level, np.zeros(self.structure.phases)])[
                self.courses.patterns[:, k]
            ]
        return out

    def _backward(self, at: Point, groups: Rows) -> tuple[Floats, Floats]:
        """Chances of phases given all that is known, and moves expected in each group."""
        steps, first = self.courses.steps, self.structure.first
        n = int(groups.max(initial=0)) + 1
        moved = np.zeros((n, *at.transitions.shape))
        later = np.ones_like(at.after)
        for rows, before in zip(steps[::-1], [*steps[-2::-1], None], strict=True):
            ahead = at.weight[rows] * later[rows]
            if before is None:
                moves = at.transitions[first] * ahead
                moved[:, first] += _summed(moves, groups[rows], n)
                break
            part = slice(before.start, before.start + rows.stop - rows.start)
            later[part] = ahead @ at.transitions.T
            if n == 1:
                moved[0] += at.transitions * (at.after[part].T @ ahead)
            else:
                each = at.after[part][:, :, None] * at.transitions * ahead[:, None, :]
                moved += _summed(each.reshape(len(each), -1), groups[rows], n).reshape(moved.shape)
        return at.after * later, moved

    def _seen(self, phases: Floats, groups: Rows, n: int) -> list[Floats]:
        """Rows expected by group, level of each report and phase."""
        codes, weight, group = self.courses.patterns[self.courses.pattern], phases, groups
        if n == 1:  # far fewer patterns than rows
            codes = self.courses.patterns
            weight = _summed(phases, self.courses.pattern, len(codes))
            group = np.zeros(len(codes), np.intp)
        out = []
        for k, report in enumerate(self.structure.reports):
            known = codes[:, k] >= 0
            cell = group[known] * report.levels + codes[known, k]
            table = _summed(weight[known], cell, n * report.levels)
            out.append(table.reshape(n, report.levels, -1))
        return out

    def _filtered(self, at: Point) -> Floats:
        """Chances of phases before the outcome of the row is known."""
        reported = np.exp(self._reported(at.theta))[self.courses.pattern]
        out = np.empty_like(at.after)
        steps = self.courses.steps
        for rows, before in zip(steps, [None, *steps[:-1]], strict=True):
            expected = _expected(at.after, before, rows, at.transitions, self.structure.first)
            joint = expected * reported[rows]
            out[rows] = joint / joint.sum(axis=1, keepdims=True)
        return out

    def _penalty(self, theta: Floats) -> float:
        chances = self.structure.chances(theta)
        return self.pseudo_count * float(sum(np.log(part).sum() for part in chances))

    def _penalty_slope(self, theta: Floats) -> Floats:
        pulls = [1.0 - len(part) * part[1:] for part in self.structure.chances(theta)]
        pulls.append(np.zeros(self.size - self.structure.size))
        return self.pseudo_count * np.concatenate(pulls)


def _expected(
    after: Floats, before: slice | None, rows: slice, transitions: Floats, first: int
) -> Floats:
    """Chances of phases in a step, from those at the end of the step before."""
    n = rows.stop - rows.start
    if before is None:
        return np.broadcast_to(transitions[first], (n, len(transitions)))
    return after[before.start : before.start + n] @ transitions


def _without_top(logs: Floats) -> tuple[Floats, Floats]:
    """Exponentials over the largest of their row, and the log of that one, shape (rows,)."""
    top = reduce(np.maximum, logs.T)
    return np.exp(logs - top[:, None]), top


def _weighted_sums(weight: Floats, columns: Floats, groups: Rows, n: int) -> Floats:
    """Add up weighted columns by group, shape (groups, columns)."""
    if n == 1:
        return (weight @ columns)[None]
    return _summed(weight[:, None] * columns, groups, n)


def _summed(values: Floats, groups: Rows, n: int) -> Floats:
    """Add up columns by group, shape (groups, columns)."""
    if n == 1:
        return values.sum(axis=0, keepdims=True)
    return np.stack([np.bincount(groups, column, n) for column in values.T], axis=1)
