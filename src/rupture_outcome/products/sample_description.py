"""Who was in the study."""

import pandas as pd

from rupture_outcome.disclosure import OTHER, Categories, Column
from rupture_outcome.estimates.sample import sample_description
from rupture_outcome.look.formats import count_texts, number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables


def make_sample(look: Look, **tables: pd.DataFrame) -> pd.DataFrame:
    """Describe the patients."""
    return sample_description(**tables)


def sample_table(tables: Tables, look: Look) -> str:
    """Lay out the description of the sample as HTML."""
    description = tables["sample_description"]
    rest = description.iloc[1:]
    cells = pd.DataFrame(index=rest.index)
    cells["group"] = [name("variable", variable) for variable in rest["variable"]]
    cells["category"] = [
        _category_name(v, c)
        for v, c in zip(rest["variable"], rest["category"].fillna(""), strict=True)
    ]
    cells["n"] = count_texts(rest["n"])
    cells["percent"] = [number(share) for share in rest["percent"]]
    cells["mean"] = [number(mean) for mean in rest["mean"]]
    cells["sd"] = [number(sd) for sd in rest["sd"]]
    n = count_texts(description["n"].iloc[:1])[0]
    return html_table(
        cells,
        "sample_description",
        "Patients in the study",
        f"n = {n} patients.",
        labels={"category": "", "n": "n", "percent": "%", "mean": "Mean", "sd": "SD"},
        group="group",
        notes=[
            "Patients per therapist: n is the number of therapists.",
            f"Other: categories of 1 to {look.threshold} patients, counted together."
            if rest["category"].eq(OTHER).any()
            else "",
        ],
        look=look,
    )


def _category_name(variable: str, category: str) -> str:
    if not category:
        return "Patients" if variable != "patients_per_therapist" else "Therapists"
    return name("ending" if variable == "ending" else "category", category)


PRODUCT = Product(
    name="sample_description",
    about="Who was in the study: categories, means and standard deviations",
    raw={
        "patients": "study/clean/patients.parquet",
        "sessions": "study/scored/sessions.parquet",
        "endings": "study/clean/endings.parquet",
    },
    make=make_sample,
    columns=(
        Column("variable", label="Variable"),
        Column("category", label="Category"),
        Column("n", "count", label="n"),
        Column("percent", "share", label="%", unit="%", of=["n", "whole"]),
        Column("mean", "mean", label="Mean", of=["n"], se="sd"),
        Column("sd", "follows", label="SD"),
        Column("whole", "basis"),
    ),
    categories=Categories("category", "n", within=["variable", "whole"]),
    lay_out=sample_table,
)
