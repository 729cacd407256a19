"""A small folder of results with the columns of the results contract, for tests of readers."""

import json
import math
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from rupture_outcome.estimates.effect_rows import EVER, HEADLINE, RUPTURE, compared
from rupture_outcome.products import registry
from rupture_outcome.products.product import Product
from tests.unit import fake_dropout, fake_ruptures

CARD = {
    "name": "fake",
    "title": "A study <of> nobody & nothing",
    "simulated": True,
    "accepted": {},
    "truth": {},
    "patients": 580,
    "sessions": 6400,
    "therapists": 40,
    "clock": "attended",
    "instruments": {"wai_sr": "alliance_patient", "phq9": "symptom"},
    "definitions": {"drop_rci": {}, "psq_patient": {}},
    "repair_rules": {"return_to_baseline": {"within": 5}},
    "primary": {"definition": "drop_rci", "repair_rule": "return_to_baseline"},
    "bridge_missed_sessions": False,
    "bridge_unrated_sessions": True,
    "dropout_definition": "recorded_ending",
    "models": {
        "link": "logit",
        "quadrature": 1,
        "covariates": ["severity"],
        "min_events": 5,
        "landmarks": [4],
        "confidence": 0.95,
    },
    "threshold": 0,
}
FLOW = pd.DataFrame(
    {
        "step": ["read", "attended", "at_risk"],
        "reason": ["in_tables", "exact_copies", "not_classified_by:recorded_ending"],
        "patients": [600, 600, 580],
        "sessions": [7000, 6960, 6400],
        "removed_patients": [0, 0, 20],
        "removed_sessions": [0, 40, 560],
    }
)
CHECKS = [{"check": "the fit converged", "passed": False, "expected": "converged"}]
# Cases are studied in simulated studies only; two stand for all.
CASES = ("case_1", "case_2")
FIGURES = tuple(name for name in registry.figures() if not name.startswith("case_"))


def effect_row(analysis, pair, ratio, low, high):
    return {
        "analysis": analysis,
        "definition": "drop_rci",
        "repair_rule": "return_to_baseline",
        "dropout_definition": "recorded_ending",
        "link": "logit",
        "term": "state",
        **compared(pair),
        "estimate": math.log(ratio),
        "se": 0.2,
        "ci_low": math.log(low),
        "ci_high": math.log(high),
        "ratio": ratio,
        "patients": 580,
        "sessions": 6400,
        "events": 120,
        "converged": True,
        "reason": None,
    }


def effects(**headline):
    failed = {
        "estimate": None,
        "ci_low": None,
        "ci_high": None,
        "ratio": None,
        "converged": False,
        "reason": "too few events",
    }
    return pd.DataFrame(
        [
            effect_row("hazard", RUPTURE, 1.9, 1.4, 2.6),
            effect_row("hazard", HEADLINE, 0.62, 0.44, 0.86) | headline,
            effect_row("naive", EVER, 0.21, 0.15, 0.30),
            effect_row("hazard", HEADLINE, 1, 1, 1) | {"definition": "psq_patient"} | failed,
        ]
    )


def incidence():
    return pd.DataFrame(
        [
            (4, state, "dropout", session, estimate, estimate - 0.05, estimate + 0.05, at_risk)
            for state, session, estimate, at_risk in [
                ("unrepaired", 8, 0.2, 90),
                ("repaired", 8, 0.1, 110),
                ("unrepaired", 12, 0.3, 40),
                ("repaired", 12, 0.16, 60),
                ("unrepaired", 16, 0.35, None),
                ("repaired", 16, 0.2, 20),
            ]
        ],
        columns=[
            "landmark",
            "state",
            "cause",
            "session",
            "estimate",
            "ci_low",
            "ci_high",
            "at_risk",
        ],
    ).assign(definition="drop_rci", repair_rule="return_to_baseline")


def write(folder: Path, card=None, effect_table=None, incidence_table=None, observed=True) -> Path:
    card = CARD if card is None else card
    simulated = card["simulated"]
    for name in ("tables", "figures", "notebooks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "study.json").write_text(json.dumps(card))
    given = {
        "flow": FLOW,
        "sample_description": pd.DataFrame(
            {"variable": ["format"], "category": ["individual"], "n": [500]}
        ),
        "dropout_effects": effects() if effect_table is None else effect_table,
        "model_fits": pd.DataFrame(
            {"model": ["hazard", "cox"], **CARD["primary"], "converged": [True, False]}
        ),
        "cumulative_incidence": incidence() if incidence_table is None else incidence_table,
        **fake_ruptures.tables(simulated, observed),
        **fake_dropout.tables(answer=observed),
    }
    assert set(given) <= set(registry.tables())
    for name, product in registry.tables().items():
        table = declared(product, given.get(name, pd.DataFrame()))
        table.to_csv(folder / f"{product.csv}.csv", index=False)
        if product.lay_out:
            shown = f"<style>#table-{name} td {{padding: 4px}}</style>{table.to_html(na_rep='')}"
            html = f'<div id="table-{name}">{shown}</div>'
            (folder / "tables" / f"{name}.html").write_text(html)
    pd.DataFrame(CHECKS).to_csv(folder / "checks.csv", index=False)
    for name in (*FIGURES, *(CASES if simulated else ())):
        _draw(folder / "figures", name)
    return folder


def declared(product: Product, table: pd.DataFrame) -> pd.DataFrame:
    """Give a table the columns that its product declares, and no others."""
    names = [column.name for column in product.columns if column.kind != "basis"]
    assert set(table) <= set(names), product.name
    return table.reindex(columns=names)


def _draw(folder: Path, name: str) -> None:
    figure, axes = plt.subplots(figsize=(7, 4))
    axes.plot([1, 2, 3], [3, 1, 2])
    axes.set_title(name)
    for end in ("svg", "png"):
        date = {"Date": None} if end == "svg" else None
        figure.savefig(folder / f"{name}.{end}", dpi=150, metadata=date)
    plt.close(figure)
    (folder / f"{name}.alt.txt").write_text(f"A line that falls and rises.\nIt shows {name}.\n")
