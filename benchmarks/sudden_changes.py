"""Time of the sudden-gain coder, per person, against the R package suddengains.

    python benchmarks/sudden_changes.py --persons 100000

Scores in; events and persons out, with every criterion judged. Making the data is not timed.
"""

import argparse
import time

import numpy as np

from rupture_outcome.coding.sudden_changes import sudden_changes

SESSIONS = 12
# suddengains 0.7.2, both tables, 1,075 persons with 12 sessions: 10.7 s on two cores.
PEER_SECONDS_A_PERSON = 10.7 / 1075
REPEATS = 3


def make(persons: int, seed: int = 1) -> np.ndarray:
    """Symptom scores that fall over sessions, rounded, with one in twenty missing."""
    rng = np.random.default_rng(seed)
    level = rng.normal(28, 8, (persons, 1)) - np.arange(SESSIONS)
    scores = np.clip(np.rint(level + rng.normal(0, 4, (persons, SESSIONS))), 0, 63)
    scores[rng.random(scores.shape) < 0.05] = np.nan
    return scores


def measure(scores: np.ndarray) -> tuple[float, int]:
    """Seconds and number of gains."""
    start = time.perf_counter()
    found = sudden_changes(scores, cut=7)
    return time.perf_counter() - start, len(found.events)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=100_000)
    persons = parser.parse_args(arguments).persons
    seconds, gains = min(measure(make(persons)) for _ in range(REPEATS))
    print(f"{persons} persons × {SESSIONS} sessions: {seconds:.2f} s, {gains} sudden gains.")
    ratio = PEER_SECONDS_A_PERSON / (seconds / persons)
    print(f"Per person {ratio:,.0f} times faster than suddengains (10 ms a person).")


if __name__ == "__main__":
    main()
