"""Sentences about the simulated world in which the effect of repair is known."""

from typing import Any

import pandas as pd

from rupture_outcome.pages.answer import number


def null_world_sentence(effects: pd.DataFrame) -> str:
    """Say what each analysis finds where repair does nothing (`immortal_time`)."""
    null = effects[effects["true_ratio"].eq(1)].set_index("analysis")
    if not {"naive", "hazard"} <= set(null.index):
        return "The simulated worlds do not include one in which repair does nothing."
    naive, hazard = (null.loc[analysis].to_dict() for analysis in ("naive", "hazard"))
    return (
        "In a simulated world in which repair does nothing, comparing patients finds an odds ratio "
        f"of **{number(naive['ratio'])}** on average ({_range(naive)} in 95% of studies) and calls "
        f"it significant in {100 * naive['excludes_one']:.0f}% of them; comparing sessions finds "
        f"**{number(hazard['ratio'])}** ({_range(hazard)})."
    )


def misplaced_sentence(times: pd.DataFrame) -> str:
    """Say where the sessions before a repair are counted (`immortal_time_sessions`)."""
    rows: dict[Any, Any] = times.set_index("group").to_dict("index")
    ever, never = rows["ever_repaired"], rows["never_repaired"]
    before = ever["before_rupture"] + ever["before_repair"]
    return (
        f"Patients whose rupture was ever repaired attended {ever['length']:.1f} sessions on "
        f"average, and {before:.1f} of these ({100 * ever['misplaced']:.0f}%) came before their "
        f"first repair. Counted by patient, {ever['dropout_per_100']:.1f} of 100 sessions were "
        f"followed by dropout in this group, and {never['dropout_per_100']:.1f} among the never "
        f"repaired. Counted by what was known at each session, it is "
        f"{rows['repaired']['dropout_per_100']:.1f} after a repair and "
        f"{rows['unrepaired']['dropout_per_100']:.1f} with an open rupture: no difference, as "
        "it should be."
    )


def harm_sentence(effects: pd.DataFrame) -> str:
    """Say what the naive comparison makes of the world with most harm (`immortal_time`)."""
    naive = effects[effects["analysis"].eq("naive")].sort_values("true_ratio").iloc[-1].to_dict()
    if naive["true_ratio"] <= 1 or naive["ratio"] >= 1:
        return ""
    return (
        f"Even where repair makes the odds of leaving {naive['true_ratio']:g} times as high, the "
        f"naive comparison finds {number(naive['ratio'])}: harm that looks like help."
    )


def _range(row: dict) -> str:
    return f"{number(row['ratio_low'])} to {number(row['ratio_high'])}"
