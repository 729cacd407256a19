"""What became of ruptures, and how many were repaired in their own session."""

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import UNKNOWN, count_texts, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import coding_name, name
from rupture_outcome.products.product import Product, Tables

OUTCOMES = ("own_session", "later_session", "not_repaired", "censored")
CODING = ["definition", "repair_rule"]


def count_outcomes(look: Look, episodes: pd.DataFrame) -> pd.DataFrame:
    """Count ruptures by definition, repair rule and what became of them."""
    own = episodes["sessions_to_repair"].eq(0).fillna(False).to_numpy(bool)
    repaired = episodes["repair"].eq("repaired").to_numpy()
    when = np.where(own, "own_session", "later_session")
    outcome = episodes["repair"].astype("str").mask(repaired, pd.Series(when, episodes.index))
    coded = episodes[CODING].astype("str").assign(outcome=outcome)
    counts = coded.groupby([*CODING, "outcome"]).size()
    pairs = coded[CODING].drop_duplicates().sort_values(CODING).itertuples(index=False, name=None)
    every = pd.MultiIndex.from_tuples([(*pair, o) for pair in pairs for o in OUTCOMES])
    found = counts.reindex(every, fill_value=0).rename_axis([*CODING, "outcome"])
    frame = found.rename("ruptures").reset_index()
    return frame.assign(all=frame.groupby(CODING)["ruptures"].transform("sum"))


def outcomes_table(tables: Tables, look: Look) -> str:
    """Lay out what became of ruptures as HTML, the main coding first."""
    found = tables["repair_outcomes"]
    main = np.logical_and.reduce([found[key].eq(code) for key, code in look.primary.items()])
    found = pd.concat([found[main], found[~main]]) if look.primary else found
    cells = pd.DataFrame(index=found.index)
    cells["group"] = [coding_name(row) for row in found.to_dict("records")]
    cells["outcome"] = [name("repair_outcome", code) for code in found["outcome"]]
    cells["ruptures"] = count_texts(found["ruptures"])
    cells["share"] = [percent(value) or UNKNOWN for value in found["share"]]
    return html_table(
        cells,
        "repair_outcomes",
        "What became of ruptures",
        "By definition of rupture and rule of repair.",
        labels=PRODUCT.labels("outcome", "ruptures", "share"),
        group="group",
        look=look,
    )


def with_share(look: Look, episodes: pd.DataFrame) -> pd.DataFrame:
    """Count, and give shares of all ruptures of a coding."""
    frame = count_outcomes(look, episodes)
    return frame.assign(share=frame["ruptures"] / frame["all"].where(frame["all"] > 0))


PRODUCT = Product(
    name="repair_outcomes",
    about="What became of ruptures: repaired in their own session, later, not, or not known",
    raw={"episodes": "coding/episodes.parquet"},
    make=with_share,
    columns=(
        Column("definition"),
        Column("repair_rule"),
        Column("outcome", label="What became of it"),
        Column("ruptures", "count", label="Ruptures", of=["all"]),
        Column("share", "share", label="Share", of=["ruptures", "all"]),
        Column("all", "count", label="All ruptures"),
    ),
    lay_out=outcomes_table,
)
