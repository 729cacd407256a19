"""Table of the selected cases: in which sessions each definition finds a rupture."""

import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name

NOTHING = "Single courses are shown only of simulated studies, or where the config allows it."


def cases_table(cases: pd.DataFrame, *, simulated: bool = False) -> str:
    """Lay out the selected cases (`coding.cases.coded_cases`) as HTML, one row a definition.

    Parameters
    ----------
    cases : DataFrame
        Rows of single values of a threshold are left out.
    simulated : bool
        Whether to mark the table as simulated data.
    """
    configured = cases[cases["parameter"].fillna("").eq("")]
    groups = configured.groupby(["case", "role", "definition"], sort=False)
    rows = [
        {
            "group": f"Case {case}: {name('role', role)}",
            "definition": name("definition", definition),
            "detected": _sessions(own, "detected"),
            "not_testable": _sessions(own, "not_testable"),
        }
        for (case, role, definition), own in groups
    ]
    labels = {
        "definition": "Definition",
        "detected": "Rupture in session",
        "not_testable": "Not testable in session",
    }
    return html_table(
        pd.DataFrame(rows, columns=["group", *labels]),
        "cases",
        "Selected cases under every definition",
        "Scheduled sessions of single courses, chosen to show where definitions disagree.",
        labels=labels,
        group="group",
        notes=[NOTHING if cases.empty else "Sessions that were missed are not listed."],
        simulated=simulated,
    )


def _sessions(own: pd.DataFrame, verdict: str) -> str:
    found = own.loc[own["verdict"].eq(verdict), "session"].astype(int)
    return ", ".join(map(str, sorted(found)))
