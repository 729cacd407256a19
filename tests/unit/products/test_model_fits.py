"""Fits of all kinds in one table."""

import pandas as pd

from rupture_outcome.estimates.fit_audit import FIT_FILES
from rupture_outcome.look.look import Look
from rupture_outcome.products.model_fits import PRODUCT, model_fits_table
from rupture_outcome.products.tables import published

CODING = {"definition": "drop_rci", "repair_rule": "half_recovery"}
SD = {"group_sd": 0.274183, "group_sd_low": 0.0, "group_sd_high": 0.586482, "boundary": False}
FITS = {
    file: pd.DataFrame([{"model": file, **CODING, "converged": False, "reason": "failed"}])
    for file in FIT_FILES
}
FITS["hazard"] = pd.DataFrame(
    [
        {"model": "hazard", **CODING, "converged": True, "reason": "", **SD}
        | {"n_groups": groups, "n_events": 119, "events_per_parameter": 7.93}
        for groups in (40, 6)
    ]
)


def test_every_file_of_fits_is_in_it_and_a_failed_fit_says_why():
    shown = published(PRODUCT, FITS, Look())
    assert shown["model"].tolist() == ["hazard", *FIT_FILES]
    assert shown["converged"].tolist() == [True, True] + [False] * (len(FIT_FILES) - 1)
    assert shown["events_at_least"].tolist()[:2] == [5, 5]
    assert shown["reason"].tolist()[2:] == ["failed"] * (len(FIT_FILES) - 1)
    html = model_fits_table({"model_fits": shown}, Look(simulated=True))
    assert "0.27 [0.00 to 0.59]" in html
    assert "5 or more" in html


def test_the_sd_of_few_groups_does_not_leave_a_real_study():
    shown = published(PRODUCT, FITS, Look(threshold=10))
    assert shown["group_sd"].iloc[0] == 0.27
    assert shown.loc[1, ["group_sd", "group_sd_low", "group_sd_high"]].isna().all()
