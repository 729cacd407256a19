"""Time the growth model against lmer and statsmodels on the same simulated sessions.

    python benchmarks/growth.py                   141,890 sessions of patients of 400 therapists
    python benchmarks/growth.py --rows 1400000    1.4 million

lmer is looked for through Rscript. statsmodels' MixedLM has two levels only and is timed up to
20,000 rows. Times are of one fit with standard errors, from a data frame in memory to estimates;
the largest difference of a coefficient is from ours, in standard errors.
"""

import argparse
import shutil
import subprocess
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels
import statsmodels.formula.api as smf

from rupture_outcome.engine.growth.model import NestedGrowth

SESSIONS, TWO_LEVELS_UP_TO = 12, 20_000
FORMULA = "symptom ~ session + severity + unrepaired + repaired"
LMER = """
suppressPackageStartupMessages(library(lme4))
data <- read.csv("{data}")
start <- proc.time()[["elapsed"]]
fit <- lmer(symptom ~ session + severity + unrepaired + repaired + (1 + session | patient) +
              (1 | therapist), data = data)
errors <- sqrt(diag(as.matrix(vcov(fit))))
seconds <- proc.time()[["elapsed"]] - start
write.csv(data.frame(estimate = fixef(fit), error = errors, seconds = seconds,
                     version = packageDescription("lme4", fields = "Version")),
          "{result}", row.names = FALSE)
"""


@dataclass(frozen=True)
class Timing:
    """One fit: who, how long, coefficients and errors in the order of the formula."""

    who: str
    seconds: float
    coefficients: np.ndarray
    errors: np.ndarray


def simulate(rows: int, therapists: int, rng: np.random.Generator) -> pd.DataFrame:
    """Courses of up to 12 sessions, with patients and therapists who differ."""
    lengths = rng.integers(1, SESSIONS + 1, 2 * rows // SESSIONS + 10)
    patient = np.repeat(np.arange(len(lengths)), lengths)[:rows]
    session = (np.arange(len(patient)) - np.searchsorted(patient, patient)) + 1
    of_patient, state = rng.normal(size=(3, len(lengths))), rng.choice(3, len(patient))
    therapist = rng.integers(0, therapists, len(lengths))[patient]
    data = pd.DataFrame(
        {
            "patient": patient,
            "therapist": therapist,
            "session": session,
            "severity": of_patient[2, patient],
            "unrepaired": (state == 1).astype(int),
            "repaired": (state == 2).astype(int),
        }
    )
    course = 12.0 + 3.0 * of_patient[0, patient] + (0.2 * of_patient[1, patient] - 0.3) * session
    course += 0.8 * data["unrepaired"] - 0.2 * data["repaired"]
    course += 0.6 * rng.normal(size=therapists)[therapist]
    return data.assign(symptom=course + 2.0 * rng.normal(size=len(data)))


def ours(data: pd.DataFrame, therapist: str | None = "therapist") -> Timing:
    start = time.perf_counter()
    fit = NestedGrowth.from_formula(
        FORMULA, data, patient="patient", slope="session", therapist=therapist
    ).fit()
    errors = fit.bse.to_numpy()
    fit.df  # noqa: B018
    seconds = time.perf_counter() - start
    assert fit.converged
    levels = "three levels" if therapist else "two levels"
    return Timing(f"rupture_outcome, {levels}", seconds, fit.params.to_numpy(), errors)


def lmer(data: pd.DataFrame) -> Timing | None:
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "data.csv"), Path(folder, "result.csv")
        data.to_csv(source, index=False)
        script = LMER.format(data=source, result=result)
        if subprocess.run(["Rscript", "-e", script], check=False).returncode != 0:
            return None
        found = pd.read_csv(result)
    return Timing(
        f"lme4 {found['version'].iloc[0]}, three levels",
        float(found["seconds"].iloc[0]),
        found["estimate"].to_numpy(),
        found["error"].to_numpy(),
    )


def mixedlm(data: pd.DataFrame) -> Timing | None:
    if len(data) > TWO_LEVELS_UP_TO:
        return None
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own search
        fit = smf.mixedlm(FORMULA, data, groups="patient", re_formula="session").fit()
    seconds = time.perf_counter() - start
    who = f"statsmodels {statsmodels.__version__}, two levels"
    return Timing(who, seconds, fit.fe_params.to_numpy(), fit.bse_fe.to_numpy())


def compare(rows: int, therapists: int, seed: int) -> pd.DataFrame:
    """Time everybody on one data set."""
    data = simulate(rows, therapists, np.random.default_rng(seed))
    three = [ours(data), ours(data), lmer(data)]
    two = [] if len(data) > TWO_LEVELS_UP_TO else [ours(data, None), mixedlm(data)]
    rows_of = [
        {
            "rows": len(data),
            "who": timing.who,
            "seconds": round(timing.seconds, 2),
            "largest difference, SE": f"{gap(timing, group[0]):.6f}",
        }
        for group in (three, two)
        for timing in group
        if timing is not None
    ]
    return pd.DataFrame(rows_of)


def gap(one: Timing, other: Timing) -> float:
    return float(np.max(np.abs(one.coefficients - other.coefficients) / other.errors))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=141_890, help="sessions")
    parser.add_argument("--therapists", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    print(compare(chosen.rows, chosen.therapists, chosen.seed).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
