"""The main model, and that with the other link, against glmmTMB on simulated person-sessions."""

import pandas as pd
import pytest

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_models import MODELS, hazard_models, prepared_rows

# glmmTMB stops its search at a gradient that leaves coefficients good to about 3e-5.
COEFFICIENT, STANDARD_ERROR = 1e-4, 1e-3
FIT_OF = {"main": "hazard_logit", "other_link": "hazard_cloglog"}


def test_contrasts_are_those_of_glmmtmb(study):
    data, reference = study
    rows = data.assign(
        patient_id=pd.Categorical(data["patient_id"]),
        time=data["session"],
        dropout=data["event"].eq("dropout").astype(int),
        at_risk=True,
        testable=True,
        definition="drop_rci",
    )
    ruptures = pd.DataFrame(columns=["patient_id", "session", "definition", "verdict", "kind"])
    ids = rows["patient_id"].cat.categories
    patients = pd.DataFrame({"patient_id": ids, "format": None, "unit_id": None})
    models = [model for model in MODELS if model.id in FIT_OF]
    settings = HazardSettings(covariates=("severity",), min_events=1)
    effects, fits = hazard_models(prepared_rows(rows, ruptures, patients), settings, models)
    effects = effects.set_index(["model", "contrast"])
    for model, name in FIT_OF.items():
        theirs = reference[name]
        for state in ("unrepaired", "repaired"):
            row, expected = (
                effects.loc[(model, f"{state} vs intact")],
                theirs["fixed"][f"state{state}"],
            )
            assert row["estimate"] == pytest.approx(expected["est"], abs=COEFFICIENT)
            assert row["se"] == pytest.approx(expected["se"], rel=STANDARD_ERROR)
        assert fits[model].fit.group_sd == pytest.approx(theirs["sd_therapist"], abs=COEFFICIENT)
