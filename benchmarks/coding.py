"""Time and memory of rupture coding and episodes, at several sizes up to ten million sessions.

    python benchmarks/coding.py --sessions 10000000

Frames in, frames out: all prospective definitions that read scores, then episodes and states under
`return_to_baseline`. Making the data is not timed; memory is the peak of the whole process. Seconds
are those of the clock; whether time is linear in sessions is told from processor time, which other
work on the machine disturbs less.
"""

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.coding.episodes import code_episodes
from rupture_outcome.coding.registry import definitions

SESSIONS_A_PATIENT = 12.5
INSTRUMENTS = {
    who: {
        "measures": f"alliance_{who}",
        "range": [12, 60],
        "direction": 1,
        "reliability": 0.92,
    }
    for who in ("patient", "therapist")
}
SCORED = [d.id for d in definitions().values() if d.scored and d.kind_class == "prospective"]
CODING = {
    "definitions": {name: {} for name in SCORED},
    "repair_rules": {"return_to_baseline": {"within": 5}},
}


def make(n: int, seed: int = 1) -> pd.DataFrame:
    """Sessions of n/12.5 patients: skewed lengths, a ceiling, missed and unrated sessions."""
    rng = np.random.default_rng(seed)
    length = 1 + rng.geometric(1 / (SESSIONS_A_PATIENT - 1), int(n / SESSIONS_A_PATIENT))
    patient = np.repeat(np.arange(len(length)), length)
    session = np.arange(len(patient)) - np.repeat(np.cumsum(length) - length, length) + 1
    level = np.repeat(rng.normal(48, 7, len(length)), length)
    attended = rng.random(len(level)) > 0.08
    scores = {}
    for who in ("patient", "therapist"):
        score = np.clip(np.rint(level + rng.normal(0, 5, len(level))), 12, 60)
        score[~attended | (rng.random(len(level)) < 0.1)] = np.nan
        scores[f"alliance_{who}"] = score
    ids = pd.Index([f"p{i:07}" for i in range(len(length))], dtype="str").take(patient)
    return pd.DataFrame({"patient_id": ids, "session": session, "attended": attended * 1, **scores})


def measure(n: int) -> dict[str, float]:
    """Seconds of both steps and the process's peak memory, for about n scheduled sessions."""
    sessions = make(n)
    start, cpu = time.perf_counter(), time.process_time()
    ruptures, _ = code_ruptures(sessions, None, INSTRUMENTS, CODING)
    coded = time.perf_counter()
    episodes, _ = code_episodes(ruptures, sessions, INSTRUMENTS, CODING)
    done, cpu = time.perf_counter(), time.process_time() - cpu
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "sessions": len(sessions),
        "patients": sessions["patient_id"].nunique(),
        "coding_s": coded - start,
        "episodes_s": done - coded,
        "total_s": done - start,
        "cpu_s": cpu,
        "us_per_session": cpu / len(sessions) * 1e6,
        "episodes": len(episodes),
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9,
    }


def measurements(largest: int) -> Iterator[dict[str, float]]:
    """Sizes doubling up to the largest, each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    for divisor in (8, 4, 2, 1):
        with context.Pool(1) as pool:
            yield pool.apply(measure, (largest // divisor,))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=10_000_000)
    table = pd.DataFrame(measurements(parser.parse_args(arguments).sessions))
    print(f"Definitions: {', '.join(SCORED)}; episodes under return_to_baseline.")
    print(table.to_string(index=False, float_format=lambda x: f"{x:.2f}"))
    growth = table["us_per_session"].iloc[-1] / table["us_per_session"].iloc[0]
    print(
        f"Processor time per session at the largest size: {growth:.2f} times that at the smallest."
    )


if __name__ == "__main__":
    main()
