import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.chance_corrected import cohen_kappa
from rupture_outcome.engine.cluster_bootstrap import cluster_bootstrap
from rupture_outcome.estimates.agreement.definition_agreement import (
    VerdictTable,
    definition_agreement,
    detected_by,
)
from tests.unit.estimates.agreement.toy_raters import verdicts_of

# testable under both: a2–a4 and b2; b1 of y and a1, b3 of x are not
TOY = verdicts_of({"x": {"a": "?+-+", "b": "+-?"}, "y": {"a": "-++-", "b": "?--"}})
CONTRACT = ["definition_a", "definition_b", "n", "kappa", "ci_low", "ci_high"]


def agreement(ruptures, seed=1, **arguments) -> pd.DataFrame:
    return definition_agreement(ruptures, rng=np.random.default_rng(seed), **arguments)


def random_verdicts(seed: int, patients: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(seed)

    def letters(rate: float) -> dict[str, str]:
        p = [rate, 0.9 - rate, 0.1]
        return {f"p{i}": "".join(rng.choice(list("+-?"), 6, p=p)) for i in range(patients)}

    return verdicts_of({"x": letters(0.4), "y": letters(0.2), "z": letters(0.3)})


def test_counts_and_kappa_by_hand() -> None:
    (row,) = agreement(TOY).to_dict("records")
    assert [row[c] for c in ("n", "both", "only_a", "only_b", "neither")] == [4, 1, 1, 1, 1]
    assert (row["prevalence_a"], row["prevalence_b"]) == (0.5, 0.5)
    assert row["kappa"] == 0
    assert row["ac1"] == 0
    assert row["patients"] == 2
    assert "few_patients:10" in row["reason"]


def test_leading_columns_and_pairs_in_the_order_of_definitions() -> None:
    found = agreement(random_verdicts(1))
    assert list(found.columns[:6]) == CONTRACT
    pairs = list(zip(found["definition_a"], found["definition_b"], strict=True))
    assert pairs == [("x", "y"), ("x", "z"), ("y", "z")]


def test_rows_in_any_order_and_categoricals_say_the_same() -> None:
    frame = random_verdicts(2)
    one = agreement(frame)
    mixed = pd.concat(
        [part.sample(frac=1, random_state=1) for _, part in frame.groupby("definition")]
    )
    mixed = mixed.astype({"definition": "category", "verdict": "category"})
    pd.testing.assert_frame_equal(one, agreement(mixed))


def test_exchanging_definitions_exchanges_only_what_is_theirs() -> None:
    frame = random_verdicts(3)
    frame = frame.loc[frame["definition"] != "z"]
    (one,) = agreement(frame).to_dict("records")
    (other,) = agreement(frame.iloc[::-1]).to_dict("records")
    for name in ("n", "kappa", "ac1", "both", "neither"):
        assert one[name] == pytest.approx(other[name])
    assert one["only_a"] == other["only_b"]
    assert one["prevalence_a"] == other["prevalence_b"]


def test_intervals_cover_the_kappa_that_made_the_data() -> None:
    # Half of 80 patients have ruptures under both definitions, each in 40 % of eight sessions.
    rng = np.random.default_rng(4)
    p = np.array([0.16, 0.24, 0.24, 0.36])
    truth = float(cohen_kappa(np.add(p, [0, 0, 0, 1])))
    covered = 0
    for _ in range(200):
        prone = rng.random(80) < 0.5
        cells = rng.multinomial(8, np.where(prone[:, None], p, [0, 0, 0, 1])).astype(float)
        found = cluster_bootstrap(
            cells, lambda total: cohen_kappa(total)[..., None], rng=rng, replicates=300
        )
        covered += int(found.low[0] <= truth <= found.high[0])
    assert 0.90 <= covered / 200 <= 0.98


def test_a_definition_agrees_with_itself() -> None:
    frame = random_verdicts(5)
    x = frame.loc[frame["definition"] == "x"]
    same = agreement(pd.concat([x, x.assign(definition="again")]))
    assert same.loc[0, ["kappa", "ac1", "ci_low"]].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("x", "y", "note"),
    [
        ("----", "----", "detected_never"),
        ("++", "++", "detected_always"),
        ("??-", "-+?", "no_common_session"),
    ],
)
def test_undefined_kappa_is_shown_with_the_reason(x, y, note) -> None:
    (row,) = agreement(verdicts_of({"x": {"a": x}, "y": {"a": y}})).to_dict("records")
    assert np.isnan(row["kappa"])
    assert np.isnan(row["ci_low"])
    assert row["reason"] == note


def test_a_session_that_a_definition_leaves_out_is_not_testable() -> None:
    table = VerdictTable.of(TOY.drop(index=1))
    assert table.testable[:, 0].tolist() == [False, False, True, True, True, True, False]
    assert table.detected[:, 1].sum() == 2


def test_sets_of_definitions_by_hand() -> None:
    found = detected_by(TOY).set_index("detected_by")
    assert found["sessions"].to_dict() == {"none": 1, "x": 1, "x + y": 1, "y": 1}
    assert found["n"].eq(4).all()
    assert found.loc["x + y", ["definitions", "x", "y", "patients"]].tolist() == [2, 1, 1, 1]
    assert found.loc["none", "patients"] == 1


def test_sets_add_up_and_give_the_pairs_back() -> None:
    frame = random_verdicts(6)
    frame.loc[frame["verdict"] == "not_testable", "verdict"] = "not_detected"
    sets, pairs = detected_by(frame), agreement(frame)
    assert sets["sessions"].sum() == sets["n"].iloc[0]
    assert sets["share"].sum() == pytest.approx(1)
    assert sets["sessions"].is_monotonic_decreasing
    both = sets.loc[(sets["x"] == 1) & (sets["y"] == 1), "sessions"].sum()
    assert both == pairs["both"].iloc[0]


def test_nothing_coded() -> None:
    assert list(agreement(TOY.head(0)).columns[:6]) == CONTRACT
    assert detected_by(TOY.head(0)).empty
    untestable = verdicts_of({"x": {"a": "?"}, "y": {"a": "+"}})
    assert detected_by(untestable).empty
