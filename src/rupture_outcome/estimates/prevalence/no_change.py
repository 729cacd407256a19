"""Courses in which nothing changes but errors of measurement, and what is detected in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.coding.inputs import ChosenDefinition, Config
from rupture_outcome.coding.scales import Instrument, first_session_sd, instrument_of
from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.estimates.prevalence.chance import mean_detections


@dataclass(frozen=True)
class NoChange:
    r"""A measure of something that does not change.

    .. math:: x_{it} = \tau_i + e_{it}, \quad \tau_i \sim N(m, r s^2), \quad
              e_{it} \sim N(0, (1 - r) s^2)

    rounded to whole points and kept within the ends of the range.

    Parameters
    ----------
    mean, sd : float
        m and s, of the scores of one session.
    reliability : float
        r.
    low, high : float
        Ends of the range; a score beyond is set to the end.
    whole : bool
        Whether scores are whole points.
    """

    mean: float
    sd: float
    reliability: float
    low: float = -np.inf
    high: float = np.inf
    whole: bool = True

    def scores(self, person: NDArray[np.intp], persons: int, rng: np.random.Generator) -> Floats:
        """Draw one score for each entry of `person`, positions of persons 0 … `persons` − 1.

        Parameters
        ----------
        person : ndarray of int, shape (n,)
            Position of the person of each score.
        persons : int
            How many there are.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of float, shape (n,)
        """
        level = rng.normal(self.mean, self.sd * np.sqrt(self.reliability), persons)
        error = rng.normal(0.0, self.sd * np.sqrt(1 - self.reliability), person.shape)
        x = level[person] + error
        return np.clip(np.rint(x) if self.whole else x, self.low, self.high)


def no_change_of(panel: Panel, source: str, instrument: Instrument) -> NoChange | None:
    """Describe a study in which nothing changes, from one that was observed.

    Mean and SD are those between patients at the first rated session, the occasion that a
    reliability belongs to. None without a reliability, or with fewer than two patients.

    Parameters
    ----------
    panel : Panel
    source : str
        Column of scores.
    instrument : Instrument
        With reliability and range.
    """
    score = panel[source]
    sd = first_session_sd(panel, score)
    if instrument.reliability is None or np.isnan(sd.value):
        return None
    rated = ~np.isnan(score)
    ends = sorted((instrument.direction * instrument.low, instrument.direction * instrument.high))
    known = not np.isnan(ends).any()
    return NoChange(
        mean=float(score[rated & (panel.last_rated(score) < 0)].mean()),
        sd=sd.value,
        reliability=instrument.reliability,
        low=ends[0] if known else -np.inf,
        high=ends[1] if known else np.inf,
        whole=bool((score[rated] == np.rint(score[rated])).all()),
    )


def expected_without_change(
    panel: Panel,
    chosen: Sequence[ChosenDefinition],
    constants: Mapping[str, Mapping[str, float]],
    instruments: Config,
    *,
    rng: np.random.Generator,
    replicates: int = 200,
) -> dict[str, float]:
    """Mean number of detections in this study, were there no change in any patient.

    The sessions that were rated, and so those that can be tested, stay as they are, and so do the
    scale constants; all scores are drawn anew (`no_change_of`).

    Parameters
    ----------
    panel : Panel
        The study's.
    chosen : sequence of ChosenDefinition
    constants : mapping
        Scale constants by definition.
    instruments : mapping
        This section of the config.
    rng : numpy.random.Generator
    replicates : int
        The mean's standard error falls with its square root.

    Returns
    -------
    dict of str to float
        By definition; without those that read no series of scores, and without those of a score
        whose reliability is not known.

    Notes
    -----
    `expected_detections` asks how often a definition fires if the *order* of the scores means
    nothing; here they also differ by no more than errors of measurement. Real swings that are
    not ruptures make the first expectation the larger one. The ceiling is kept by setting scores
    beyond it to it, so the simulated spread falls short of the observed one where many are there.
    """
    scored = [c for c in chosen if c.rule.scored]
    worlds = {
        source: no_change_of(panel, source, instrument_of(source, instruments))
        for source in sorted({c.source for c in scored})
    }
    known = {source: world for source, world in worlds.items() if world is not None}
    scored = [c for c in scored if c.source in known]
    return mean_detections(panel, scored, constants, lambda: _drawn(panel, known, rng), replicates)


def _drawn(
    panel: Panel, worlds: Mapping[str, NoChange], rng: np.random.Generator
) -> dict[str, Floats]:
    drawn = {}
    for source, world in worlds.items():
        scores = world.scores(panel.patient, len(panel.ids), rng)
        drawn[source] = np.where(np.isnan(panel[source]), np.nan, scores)
    return drawn
