"""How often a definition fires when nothing happens in order."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rupture_outcome.coding.detect import apply
from rupture_outcome.coding.inputs import ChosenDefinition
from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats


def permuted(panel: Panel, score: Floats, rng: np.random.Generator) -> Floats:
    """Shuffle each patient's scores among his rated sessions; unrated ones stay unrated.

    Parameters
    ----------
    panel : Panel
    score : ndarray of float, shape (N,)
        A value a row of the panel.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float, shape (N,)
    """
    rated = np.flatnonzero(~np.isnan(score))
    # One sort shuffles everybody: patients stay apart because a draw is less than 1.
    order = np.argsort(panel.patient[rated] + rng.random(len(rated)))
    shuffled = score.copy()
    shuffled[rated] = score[rated[order]]
    return shuffled


def mean_detections(
    panel: Panel,
    chosen: Sequence[ChosenDefinition],
    constants: Mapping[str, Mapping[str, float]],
    draw: Callable[[], Mapping[str, Floats]],
    times: int,
) -> dict[str, float]:
    """Mean number of detections, by definition, in scores drawn anew so many times.

    Parameters
    ----------
    panel : Panel
        The study's.
    chosen : sequence of ChosenDefinition
    constants : mapping
        Scale constants by definition.
    draw : callable
        Gives scores by column, each of shape (N,), missing where those of the panel are.
    times : int
    """
    total = {c.rule.id: 0 for c in chosen}
    blocks = list(panel.blocks())
    for _ in range(times if chosen else 0):
        drawn = draw()
        for first, block in blocks:
            rows = slice(first, first + len(block))
            for source, scores in drawn.items():
                block = block.with_column(source, scores[rows])
            for c in chosen:
                found = apply(block, c, constants[c.rule.id]).detected
                total[c.rule.id] += int(np.count_nonzero(found))
    return {name: count / times for name, count in total.items()}


def expected_detections(
    panel: Panel,
    chosen: Sequence[ChosenDefinition],
    constants: Mapping[str, Mapping[str, float]],
    *,
    rng: np.random.Generator,
    permutations: int = 200,
) -> dict[str, float]:
    """Mean number of detections over random orders of each patient's scores.

    The scale constants stay as estimated, and so do the sessions that were rated: only the order
    of scores goes, and with it every real course. Definitions that do not read a series of scores
    have no such expectation and are left out.

    Parameters
    ----------
    panel : Panel
        The study's.
    chosen : sequence of ChosenDefinition
    constants : mapping
        Scale constants by definition.
    rng : numpy.random.Generator
    permutations : int
        The mean's standard error falls with its square root.

    Returns
    -------
    dict of str to float
        By definition.

    Notes
    -----
    Under the null the order of a patient's scores means nothing. A trend, or sessions that resemble
    their neighbours, make real series smoother than shuffled ones: a definition by falls can then
    fire less often than expected.
    """
    scored = [c for c in chosen if c.rule.scored]
    sources = sorted({c.source for c in scored})
    return mean_detections(
        panel,
        scored,
        constants,
        lambda: {source: permuted(panel, panel[source], rng) for source in sources},
        permutations,
    )
