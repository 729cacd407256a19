"""All effects on dropout in one table: hazard, landmark, Cox and the naive comparison."""

import pandas as pd

from rupture_outcome.estimates.effect_rows import EFFECT_COLUMNS


def dropout_effects(*tables: pd.DataFrame) -> pd.DataFrame:
    """Join tables of effects in the columns of the results contract.

    The analyses of one definition and rule stay together, in the order of the arguments.
    """
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=list(EFFECT_COLUMNS))
    joined = pd.concat(filled, ignore_index=True)
    joined = joined.sort_values(["definition", "repair_rule"], kind="stable", ignore_index=True)
    return joined[list(EFFECT_COLUMNS)]
