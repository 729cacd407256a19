"""Time 1,000 bootstrap replicates of state occupancy and of cumulative incidence from landmarks.

    python benchmarks/bootstrap.py                      as many patients as in the example study
    python benchmarks/bootstrap.py --patients 20000     more of them

Therapists are drawn, then patients within them. Beside ours stands the same done replicate by
replicate in pandas and, if Rscript is there, by survival::survfit: a few replicates are timed and
scaled to 1,000. Their occupancy from all patients, undrawn, must be ours: the largest difference is
shown. Memory is the peak of this process.
"""

import argparse
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import first_therapists
from rupture_outcome.engine.cumulative_incidence import cumulative_incidence, incidence_curves
from rupture_outcome.engine.two_stage_bootstrap import two_stage_weights
from rupture_outcome.estimates.landmark.landmark import CAUSES, after_landmark
from rupture_outcome.estimates.landmark.landmark_bootstrap import follow_from
from rupture_outcome.estimates.multistate.aalen_johansen import (
    ALL,
    TRANSIENT,
    courses,
    occupancy,
    transition_matrices,
)
from rupture_outcome.estimates.multistate.bands import pointwise, simultaneous

REPLICATES, LANDMARKS, HORIZON, SESSIONS, CONFIDENCE = 1000, (4, 8), 16, 24, 0.95
SURVFIT = """
suppressMessages(library(survival))
data <- read.csv("{data}")
data$to <- factor(data$to, c("censor", "intact", "unrepaired", "repaired", {causes}))
data$state <- factor(data$state, c("intact", "unrepaired", "repaired"))
curve <- function(w) survfit(Surv(time - 1, time, to) ~ 1, data = data, id = patient_id,
                             istate = state, weights = w, se.fit = FALSE)
fit <- curve(rep(1, nrow(data)))
patients <- unique(data$patient_id)
start <- proc.time()[["elapsed"]]
for (i in 1:{replicates}) {{
  drawn <- table(factor(sample(patients, replace = TRUE), patients))
  w <- as.numeric(drawn[as.character(data$patient_id)])
  used <- w > 0
  survfit(Surv(time - 1, time, to) ~ 1, data = data[used, ], id = patient_id, istate = state,
          weights = w[used], se.fit = FALSE)
}}
seconds <- proc.time()[["elapsed"]] - start
at <- summary(fit, times = {horizon})$pstate
out <- data.frame(state = fit$states, share = as.numeric(at), seconds = seconds)
write.csv(out, "{result}", row.names = FALSE)
"""


@dataclass(frozen=True)
class Timing:
    """Who, for what, seconds for all replicates, and occupancy at the horizon without drawing."""

    who: str
    what: str
    seconds: float
    occupied: np.ndarray


def simulate(patients: int, therapists: int, rng: np.random.Generator) -> pd.DataFrame:
    """Person-sessions in three states; 2 to 4 % drop out after a session, 8 % end by agreement."""
    state = np.zeros((patients, SESSIONS), dtype=int)
    for s in range(1, SESSIONS):
        before, draw = state[:, s - 1], rng.random(patients)
        repair, rupture = (before == 1) & (draw < 0.25), (before != 1) & (draw < 0.15)
        state[:, s] = np.select([repair, rupture], [2, 1], before)
    draw = rng.random((patients, SESSIONS))
    leave = np.array([0.02, 0.04, 0.015])[state]
    event = np.select([draw < leave, draw < leave + 0.08], [1, 2], 0)
    event[:, -1] = np.where(event[:, -1] == 0, 2, event[:, -1])
    last = (event > 0).argmax(axis=1)
    patient, s = np.nonzero(np.arange(SESSIONS) <= last[:, None])
    therapist = rng.integers(0, therapists, patients)
    return pd.DataFrame(
        {
            "patient_id": patient,
            "therapist_id": therapist[patient],
            "time": s + 1,
            "state": np.array(TRANSIENT)[state[patient, s]],
            "event": np.array(["none", *CAUSES[:2]])[event[patient, s]],
        }
    )


def ours(rows: pd.DataFrame, rng: np.random.Generator) -> Timing:
    """Curves with intervals and bands, from the person-sessions in memory."""
    start = time.perf_counter()
    course = courses(rows, HORIZON)
    cluster = first_therapists(rows)
    followed = [follow_from(rows, at, HORIZON, course.patients) for at in LANDMARKS]
    occupied, incidence = [], [[] for _ in LANDMARKS]
    for weights in two_stage_weights(cluster, REPLICATES, rng):
        matrices = transition_matrices(course.counts(weights))
        occupied.append(occupancy(course.initial(weights), matrices))
        for kept, each in zip(incidence, followed, strict=True):
            counts = each.counts(weights)
            kept.append(incidence_curves(counts[..., :-1, :], counts.sum(axis=-2)).estimate)
    found = occupancy(course.initial(), transition_matrices(course.counts()))
    drawn = np.concatenate(occupied)
    simultaneous(found.T, np.swapaxes(drawn, -1, -2), CONFIDENCE)
    for kept in incidence:
        pointwise(np.concatenate(kept), CONFIDENCE)
    seconds = time.perf_counter() - start
    return Timing("rupture_outcome", "both, with bands", seconds, found[-1])


def by_replicate(rows: pd.DataFrame, rng: np.random.Generator, replicates: int) -> Timing:
    """Draw, copy the rows of who was drawn, and estimate anew, as one would by hand."""
    therapist = rows.groupby("patient_id", observed=True)["therapist_id"].first()
    of_patient = dict(list(rows.groupby("patient_id", observed=True)))
    of_therapist = {t: p.index.to_list() for t, p in therapist.groupby(therapist, observed=True)}
    start = time.perf_counter()
    for _ in range(replicates):
        parts = []
        for drawn in rng.choice(list(of_therapist), len(of_therapist)):
            own = of_therapist[drawn]
            parts += [of_patient[own[i]] for i in rng.integers(0, len(own), len(own))]
        numbered = [part.assign(patient_id=i) for i, part in enumerate(parts)]
        estimate_plainly(pd.concat(numbered, ignore_index=True))
    seconds = (time.perf_counter() - start) * REPLICATES / replicates
    return Timing("pandas, by replicate", "both, no bands", seconds, estimate_plainly(rows))


def estimate_plainly(rows: pd.DataFrame) -> np.ndarray:
    """Occupancy at the horizon by cross tables; the landmark curves on the way."""
    now = rows.assign(to=destination(rows))
    share = pd.Series(0.0, index=list(ALL))
    first = now.loc[~now["patient_id"].duplicated(), "state"].value_counts(normalize=True)
    share.loc[first.index.astype(str)] = first.to_numpy()
    for _, here in now[now["time"] <= HORIZON].groupby("time"):
        moves = pd.crosstab(here["state"].astype(str), here["to"], normalize="index")
        matrix = pd.DataFrame(np.eye(len(ALL)), index=list(ALL), columns=list(ALL))
        matrix.loc[moves.index] = moves.reindex(columns=list(ALL), fill_value=0.0)
        share = share @ matrix
    for landmark in LANDMARKS:
        last = after_landmark(rows, landmark).drop_duplicates("patient_id", keep="last")
        cumulative_incidence(
            last["time"], last["event"], last["state_at_landmark"], causes=CAUSES, start=landmark
        )
    return share.to_numpy()


def destination(rows: pd.DataFrame, censored: str | None = None) -> pd.Series:
    """State of the patient's next session, the ending, or `censored` (by default the state)."""
    following = rows["state"].astype(str).shift(-1)
    last = ~rows["patient_id"].duplicated(keep="last")
    event = rows["event"].astype(str)
    stay = rows["state"].astype(str) if censored is None else censored
    return following.mask(last, event.mask(event.eq("none"), stay))


def survfit(rows: pd.DataFrame, replicates: int) -> Timing | None:
    if shutil.which("Rscript") is None:
        print("survival::survfit: Rscript is not installed")
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "data.csv"), Path(folder, "result.csv")
        columns = rows[["patient_id", "time", "state"]].assign(to=destination(rows, "censor"))
        columns.to_csv(source, index=False)
        causes = ", ".join(f'"{cause}"' for cause in CAUSES)
        script = SURVFIT.format(
            data=source, result=result, causes=causes, replicates=replicates, horizon=HORIZON
        )
        if subprocess.run(["Rscript", "-e", script], check=False).returncode != 0:
            return None
        found = pd.read_csv(result).set_index("state")
    seconds = float(found["seconds"].iloc[0]) * REPLICATES / replicates
    share = found["share"].reindex(list(ALL)).to_numpy()
    return Timing("survival::survfit", "occupancy, no bands", seconds, share)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=584, help="the example study has 584")
    parser.add_argument("--therapists", type=int, default=40)
    parser.add_argument("--timed", type=int, default=5, help="replicates of the others")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    rng = np.random.default_rng(chosen.seed)
    rows = simulate(chosen.patients, chosen.therapists, rng)
    print(f"{chosen.patients:,} patients, {len(rows):,} sessions, {REPLICATES:,} replicates")
    found = [ours(rows, rng), ours(rows, rng)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    others = [by_replicate(rows, rng, chosen.timed), survfit(rows, chosen.timed)]
    present = [*found, *(timing for timing in others if timing is not None)]
    gaps = [np.max(np.abs(timing.occupied - found[0].occupied)) for timing in present]
    table = {
        "who": [timing.who for timing in present],
        "what": [timing.what for timing in present],
        "seconds": [round(timing.seconds, 2) for timing in present],
        "largest difference": [f"{gap:.1e}" for gap in gaps],
    }
    print(pd.DataFrame(table).to_string(index=False))
    print(f"peak memory of ours: {memory:,.0f} MB")


if __name__ == "__main__":
    main()
