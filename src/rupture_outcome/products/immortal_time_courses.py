"""Courses of single patients of a simulated world, drawn by the figure of immortal time."""

from rupture_outcome.disclosure import Column
from rupture_outcome.products.product import Product

PRODUCT = Product(
    name="immortal_time_courses",
    about="Courses of single simulated patients: state, and whether it is counted too soon",
    raw={"frame": "models/immortal_time_courses.parquet"},
    columns=(
        Column("course", "number", label="Simulated patient"),
        Column("group", label="Group"),
        Column("session", "number", label="Session"),
        Column("state", label="State"),
        Column("misplaced", "flag", label="Counted too soon"),
        Column("ending", label="Ending"),
    ),
)
