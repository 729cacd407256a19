"""How much therapists differ in rupture, repair and dropout."""

from collections.abc import Mapping

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, number, p_value, with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.words import THERAPIST_BENCHMARK, name
from rupture_outcome.products.product import Product, Tables

COUNTS = ["therapists", "patients", "sessions", "events"]
MODEL = (
    "Multilevel hazards of the session after which, or in which, the event happened, with the "
    "therapist who held it. SD: of therapists, in log odds (log hazards under cloglog); share: of "
    "the variance of the latent variable; test: likelihood ratio against no difference between "
    "therapists. Chance: with the average therapist, and from the 10th to the 90th percentile of "
    "therapists."
)
TRUE_NOTE = (
    "The true SD is that of true ruptures and repairs; as coded they are partly wrong, which makes "
    "therapists more alike in them."
)


def variances_table(tables: Tables, look: Look) -> str:
    """Lay out a row an outcome."""
    variances = tables["therapist_variances"]
    rows = variances.to_dict("records")
    cells = pd.DataFrame(index=variances.index)
    cells["outcome"] = [name("therapist_outcome", row["outcome"]) for row in rows]
    cells["group_sd"] = [_with_ends(row, "group_sd", "ci") for row in rows]
    cells["true"] = [_true_text(row, look) for row in rows]
    cells["share"] = [_percents(row, "share") for row in rows]
    cells["mor"] = [number(row["mor"], 2) for row in rows]
    cells["p"] = [p_value(row["p"], bare=True) for row in rows]
    cells["chance"] = [_percents(row, "chance") for row in rows]
    for column in COUNTS:
        cells[column] = count_texts(variances[column])
    cells["reason"] = [remark(row, look, "group_sd") for row in rows]
    level = f"{look.level} interval"
    ratio = "hazard" if (variances["link"] == "cloglog").any() else "odds"
    return html_table(
        cells,
        "therapist_variances",
        "How much therapists differ",
        "Unit: session at risk, held by a named therapist.",
        labels={
            "outcome": "Outcome",
            "group_sd": f"SD ({level})",
            **({"true": "True SD of the simulation"} if cells["true"].any() else {}),
            "share": f"Share of variance ({level})",
            "mor": f"Median {ratio} ratio",
            "p": "Test, p",
            "chance": "Chance in a session (80% of therapists)",
            "therapists": "Therapists",
            "patients": "Patients",
            "sessions": "Sessions",
            "events": "Events",
            **({"reason": "Note"} if cells["reason"].any() else {}),
        },
        notes=[MODEL, THERAPIST_BENCHMARK, TRUE_NOTE if cells["true"].any() else ""],
        look=look,
    )


def true_sd(row: Mapping, look: Look) -> float:
    """Give the SD of therapists that a simulation was made with, in log odds; NaN if not known."""
    of = str(row["outcome"]).removesuffix("_given_state")
    return look.true_value(f"{of}_therapist_sd") if row["link"] == "logit" else float("nan")


def _true_text(row: Mapping, look: Look) -> str:
    value = true_sd(row, look)
    return "" if pd.isna(value) else number(value, 2)


def _with_ends(row: dict, value: str, ends: str) -> str:
    return with_interval(row[value], row[f"{ends}_low"], row[f"{ends}_high"])


def _percents(row: dict, value: str) -> str:
    low, high = row[f"{value}_low"], row[f"{value}_high"]
    return with_interval(row[value], low, high, 1, "%", 100)


def with_without(look: Look, frame: pd.DataFrame) -> pd.DataFrame:
    """Add who or what had no event: patients in dropout, else sessions."""
    once = frame["outcome"].astype(str).str.startswith("dropout")
    return frame.assign(without=frame["patients"].where(once, frame["sessions"]) - frame["events"])


def _limits(value: str) -> tuple[Column, Column]:
    return Column(f"{value}_low", "follows"), Column(f"{value}_high", "follows")


BASIS = ("patients", "events", "without")

PRODUCT = Product(
    name="therapist_variances",
    about="How much therapists differ in rupture, repair and dropout",
    raw={"frame": "models/therapist_variances.parquet"},
    make=with_without,
    settings=("true_values",),
    columns=(
        Column("outcome", label="Outcome"),
        Column("link", label="Link"),
        Column(
            "group_sd", "estimate", label="SD of therapists", of=BASIS, ends=["ci_low", "ci_high"]
        ),
        *_limits("ci"),
        Column(
            "share", "estimate", label="Share of variance", of=BASIS,
            ends=["share_low", "share_high"],
        ),
        *_limits("share"),
        Column("mor", "estimate", label="Median ratio", of=BASIS, ends=["mor_low", "mor_high"]),
        *_limits("mor"),
        Column("p", "p", label="Test, p", of=BASIS),
        Column(
            "chance", "estimate", label="Chance in a session", of=BASIS,
            ends=["chance_low", "chance_high"],
        ),
        *_limits("chance"),
        Column("therapists", "count", label="Therapists"),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions"),
        Column("events", "count", label="Events", of=["patients", "sessions"]),
        Column("without", "basis"),
        Column("boundary", "flag", label="SD estimated as 0", of=BASIS),
        Column("converged", "flag", label="Converged", of=BASIS),
        Column("reason", "text", label="Note", of=BASIS),
    ),
    lay_out=variances_table,
)  # fmt: skip
