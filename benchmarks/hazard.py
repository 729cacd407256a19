"""Time the multilevel hazard against GPBoost and glmmTMB on the same simulated person-sessions.

    python benchmarks/hazard.py                   141,890 person-sessions of 400 therapists
    python benchmarks/hazard.py --rows 1400000    1.4 million

A peer that is not installed is left out: GPBoost is looked for in this Python, glmmTMB through
Rscript. Times are of one fit with standard errors where the peer has them, from a data frame in
memory to estimates; the largest difference of a coefficient is from ours.
"""

import argparse
import importlib.util
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.engine.multilevel.links import event_probability

SESSIONS, COVARIATES = 20, ("severity", "unrepaired", "repaired")
FORMULA = "dropout ~ C(session) + severity + unrepaired + repaired"
GLMMTMB = """
library(glmmTMB)
data <- read.csv("{data}")
start <- proc.time()[["elapsed"]]
fit <- glmmTMB(dropout ~ factor(session) + severity + unrepaired + repaired + (1 | therapist),
               family = binomial(link = "{link}"), data = data)
errors <- sqrt(diag(vcov(fit)$cond))
seconds <- proc.time()[["elapsed"]] - start
write.csv(data.frame(estimate = fixef(fit)$cond, seconds = seconds), "{result}", row.names = FALSE)
"""


@dataclass(frozen=True)
class Timing:
    """One fit: who, how long, and the coefficients in the order of the design."""

    who: str
    seconds: float
    coefficients: np.ndarray


def simulate(rows: int, therapists: int, link: str, rng: np.random.Generator) -> pd.DataFrame:
    """Person-sessions with 20 session effects, 3 covariates and a therapist SD of 0.4."""
    state = rng.choice(3, size=rows, p=[0.6, 0.15, 0.25])
    data = pd.DataFrame(
        {
            "therapist": rng.integers(0, therapists, rows),
            "session": rng.integers(1, SESSIONS + 1, rows),
            "severity": rng.normal(size=rows),
            "unrepaired": (state == 1).astype(int),
            "repaired": (state == 2).astype(int),
        }
    )
    eta = -3.5 + np.linspace(0, 0.4, SESSIONS)[data["session"] - 1]
    eta += 0.2 * data["severity"] + 0.8 * data["unrepaired"] - 0.1 * data["repaired"]
    eta += 0.4 * rng.normal(size=therapists)[data["therapist"]]
    chance = event_probability(np.asarray(eta), link)
    return data.assign(dropout=(rng.random(rows) < chance).astype(int))


def ours(data: pd.DataFrame, link: str) -> Timing:
    start = time.perf_counter()
    fit = MultilevelHazard.from_formula(FORMULA, data, groups="therapist", link=link).fit()
    fit.bse  # noqa: B018
    seconds = time.perf_counter() - start
    assert fit.converged
    return Timing("rupture_outcome, Laplace", seconds, fit.params.to_numpy())


def gpboost(data: pd.DataFrame, link: str) -> Timing | None:
    if link != "logit" or importlib.util.find_spec("gpboost") is None:
        return None
    import gpboost as gpb

    sessions = data["session"].to_numpy()[:, None] == np.arange(2, SESSIONS + 1)
    X = np.column_stack([np.ones(len(data)), sessions, data[list(COVARIATES)]])
    y, groups = data["dropout"].to_numpy(), data["therapist"].to_numpy()
    start = time.perf_counter()
    model = gpb.GPModel(group_data=groups, likelihood="bernoulli_logit")
    model.fit(y=y, X=X)
    seconds = time.perf_counter() - start
    coefficients = np.asarray(model.get_coef(format_pandas=False)).ravel()[: X.shape[1]]
    return Timing(f"GPBoost {gpb.__version__}, defaults", seconds, coefficients)


def glmmtmb(data: pd.DataFrame, link: str) -> Timing | None:
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "data.csv"), Path(folder, "result.csv")
        data.to_csv(source, index=False)
        script = GLMMTMB.format(data=source, result=result, link=link)
        if subprocess.run(["Rscript", "-e", script], check=False).returncode != 0:
            return None
        found = pd.read_csv(result)
    return Timing("glmmTMB", float(found["seconds"].iloc[0]), found["estimate"].to_numpy())


def compare(rows: int, therapists: int, link: str, seed: int) -> pd.DataFrame:
    """Time everybody on one data set."""
    data = simulate(rows, therapists, link, np.random.default_rng(seed))
    timings = [each(data, link) for each in (ours, ours, gpboost, glmmtmb)]
    present = [timing for timing in timings if timing is not None]
    reference = present[0].coefficients
    return pd.DataFrame(
        {
            "rows": rows,
            "link": link,
            "who": [timing.who for timing in present],
            "seconds": [round(timing.seconds, 2) for timing in present],
            "largest difference": [
                f"{np.max(np.abs(timing.coefficients - reference)):.1e}" for timing in present
            ],
        }
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=141_890, help="person-sessions")
    parser.add_argument("--therapists", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    for link in ("logit", "cloglog"):
        table = compare(chosen.rows, chosen.therapists, link, chosen.seed)
        print(table.to_string(index=False), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
