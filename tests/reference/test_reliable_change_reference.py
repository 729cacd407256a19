"""Trial of inpatients as released with the R package clinicalsignificance 2.1.0."""

from math import sqrt

import pandas as pd
import pytest

from rupture_outcome.engine.reliable_change import (
    CRITICAL,
    METHODS,
    STATUSES,
    Norm,
    Sample,
    change_index,
    classify,
    cutoff,
)

R = 0.8
FUNCTIONAL = Norm(8.0, 8.0)


@pytest.fixture(scope="module")
def scores(public_file) -> pd.DataFrame:
    data = pd.read_csv(public_file("clinicalsignificance_claus_2020.csv"))
    return data.set_index(["id", "time"])["hamd"].unstack()[[1, 4]]  # noqa: PD010


def judged(scores, method) -> dict[str, int]:
    before, after = scores[1], scores[4]
    known = Sample.of(before, after)
    cut = cutoff("c", Norm(known.mean, known.sd), FUNCTIONAL, -1)
    index = change_index(before, after, R, method).value
    found = pd.Series(classify(before, after, index, cut, -1, CRITICAL[method]))
    return {status: int((found == status).sum()) for status in STATUSES}


def test_published_counts(scores) -> None:
    assert judged(scores, "JT") == {
        **{"recovered": 26, "improved": 3, "unchanged": 10, "deteriorated": 1, "harmed": 0},
        "not_judged": 3,
    }


@pytest.mark.parametrize("method", METHODS)
def test_counts_by_hand(scores, method) -> None:
    pairs = scores.dropna().to_numpy().tolist()
    n = len(pairs)
    m, m2 = (sum(p[i] for p in pairs) / n for i in (0, 1))
    s, s2 = (sqrt(sum((p[i] - (m, m2)[i]) ** 2 for p in pairs) / (n - 1)) for i in (0, 1))
    joint = sum((x - m) * (y - m2) for x, y in pairs) / (n - 1)
    sem, cut = s * sqrt(1 - R), (s * 8 + 8 * m) / (s + 8)
    rd = (s**2 - sem**2 + s2**2 - sem**2 - 2 * joint) / (s**2 + s2**2 - 2 * joint)
    counts = dict.fromkeys(STATUSES, 0) | {"not_judged": len(scores) - n}
    for x, y in pairs:
        z = {
            "JT": (y - x) / (sqrt(2) * sem),
            "GLN": (y - m - R * (x - m)) / (s * sqrt(1 - R**2)),
            "HLL": (y - m2 - R * (x - m)) / (s * sqrt(1 - R**2)),
            "EN": (y - (R * (x - m) + m)) / sem,
            "NK": (y - (R * (x - m) + m)) / sqrt(R**2 * s**2 * (1 - R) + s**2 * (1 - R)),
            "HA": ((y - x) * rd + (m2 - m) * (1 - rd)) / (sqrt(rd) * sqrt(2) * sem),
        }[method]
        limit = 1.65 if method == "HA" else 1.96
        if z < -limit:
            counts["recovered" if x > cut > y else "improved"] += 1
        elif z > limit:
            counts["harmed" if x < cut < y else "deteriorated"] += 1
        else:
            counts["unchanged"] += 1
    assert judged(scores, method) == counts
