"""An attack on what leaves a small study: no count of 1 to 10 may be found.

The study has 60 patients of 6 therapists and stands for a real one. The attacker has every file
that is meant to be passed on, knows the rule, and combines what he reads.
"""

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.disclosure import known
from rupture_outcome.products.registry import tables
from rupture_outcome.products.tables import read_table

THRESHOLD = 10
COUNTED = "patient|person|session|therapist|dropout|event|ending|case|couple|famil|group"
SAID = re.compile(
    rf"(?<![\d.,≤–\-\[(])(\d{{1,3}}(?:,\d{{3}})*|\d+) (?:attended |testable |person-)?(?:{COUNTED})"
)
# Sessions on the clock and settings, not counts: "within 5 sessions", "by session 8".
SETTING = re.compile(r"(within|after|before|every|first|last|least|most|up to|1 to) $")
LATER = re.compile(r"s? (later|earlier)")
LEAVES = ("report.html", "checks.csv", "study.json", "manifest.json", "datapackage.json")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small_clinic")]


@pytest.fixture(scope="module")
def results(awkward_results: Callable[[str], Path]) -> Path:
    return awkward_results("small_clinic")


def texts(results: Path) -> Iterator[tuple[str, str]]:
    """Everything that leaves, as a reader sees it: tags, styles and pictures taken away."""
    files = [results / name for name in LEAVES]
    for pattern in ("tables/*.html", "figures/*.alt.txt", "notebooks/*.html", "logs/**/*.log"):
        files += sorted(results.glob(pattern))
    for file in files:
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"<(style|script)\b.*?</\1>", " ", text, flags=re.DOTALL)
        yield str(file.relative_to(results)), html.unescape(re.sub(r"<[^>]*>", " ", text))


def small_counts(text: str) -> list[str]:
    return [
        text[max(found.start() - 30, 0) : found.end()]
        for found in SAID.finditer(text)
        if 1 <= int(found[1].replace(",", "")) < THRESHOLD  # 10 stands for 11 to 14
        and not SETTING.search(text[: found.start()])
        and not LATER.match(text[found.end() :])
    ]


def test_the_attack_sees_a_small_count_in_a_text() -> None:
    assert len(small_counts("Of 48 patients, 7 dropouts were seen by 3 therapists.")) == 2
    assert small_counts("There were ≤10 patients, 30 sessions, within 5 sessions.") == []


def test_no_text_says_a_small_count(results: Path) -> None:
    found = {name: small_counts(text) for name, text in texts(results)}
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize("name", tables())
def test_every_count_of_a_table_is_rounded(results: Path, name: str) -> None:
    frame = read_table(results, name)
    for column in tables()[name].columns:
        if column.kind in ("count", "difference"):
            shown = known(frame[column.name])
            assert not (shown % THRESHOLD).gt(0).any(), column.name


@pytest.mark.parametrize("name", tables())
def test_no_share_or_mean_times_n_is_a_small_count(results: Path, name: str) -> None:
    frame = read_table(results, name)
    for column in tables()[name].columns:
        if column.kind == "share" and set(column.of) <= set(frame):
            part, whole = (known(frame[of]) for of in column.of)
            share = frame[column.name].astype(float) / (100 if column.unit == "%" else 1)
            np.testing.assert_allclose(share, part / whole.where(whole > 0))
        elif column.kind == "mean" and column.of[0] in frame:
            steps = frame[column.name].astype(float) * known(frame[column.of[0]]) / THRESHOLD
            np.testing.assert_allclose(steps, steps.round(), atol=1e-6)


@pytest.mark.parametrize("name", tables())
def test_an_estimate_has_few_digits_and_rests_on_more_than_a_few(results: Path, name: str) -> None:
    frame = read_table(results, name)
    for column in tables()[name].columns:
        if column.kind not in ("estimate", "test"):
            continue
        assert column.of, f"{column.name} does not say what it rests on"
        digits = frame[column.name].dropna().map(significant)
        assert digits.le(6).all(), column.name
        if column.se:
            assert frame[column.se].dropna().map(significant).le(2).all(), column.name


def significant(value: float) -> int:
    """Number of significant digits that a number is written with."""
    if value == 0 or not np.isfinite(value):
        return 0
    return len(f"{abs(value):.12g}".replace(".", "").split("e")[0].strip("0")) or 1


def test_pictures_carry_no_exact_numbers(results: Path) -> None:
    for file in sorted(results.glob("figures/*.svg")):
        paths = re.findall(r'\bd="([^"]*)"', file.read_text(encoding="utf-8"))
        assert not any(re.search(r"\.\d{3,}", path) for path in paths), file.name


def test_no_number_in_a_file_of_facts_is_a_small_count(results: Path) -> None:
    card = json.loads((results / "study.json").read_text(encoding="utf-8"))
    for count in (card["patients"], card["sessions"], card["therapists"]):
        assert count < 0 or count % THRESHOLD == 0
    checks = pd.read_csv(results / "checks.csv")
    rows = checks[checks["subject"].isin(["patients", "sessions", "person_sessions"])]
    assert set(rows["found"]) <= {"none", "some", "all"}
