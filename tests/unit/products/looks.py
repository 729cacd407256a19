"""How the studies of these tests are shown, and what a page says."""

import html
import re

from rupture_outcome.look.look import Look

PRIMARY = {"definition": "drop_rci", "repair_rule": "return_to_baseline"}
SETTINGS = {"models": {"replicates": 200, "resampled": "therapists", "link": "logit"}, "seed": 1}
REAL = Look(threshold=10, primary=PRIMARY, settings=SETTINGS)
SIMULATED = Look(simulated=True, primary=PRIMARY, settings=SETTINGS)


def words(page: str) -> str:
    """Cells and notes of a table, without its style."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "|", body))
