import numpy as np
import pandas as pd
import pytest
from formulaic import model_matrix

from rupture_outcome.cohort.covariates import model_column
from rupture_outcome.cohort.design import groups_of, hazard_design
from rupture_outcome.engine.baseline import baseline_bands
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.estimates.cox.start_stop import fit_cox
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, fit_exposure
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS
from rupture_outcome.estimates.multistate.repair_hazard import fit_repair
from rupture_outcome.estimates.naive import naive_effects
from rupture_outcome.estimates.sensitivity.marginal_structural import marginal_structural
from rupture_outcome.estimates.therapists.therapist_hazards import therapist_hazards
from tests.unit.toy_sessions import STATES, toy_sessions

ROWS = toy_sessions(patients=500)
AT_RISK = ROWS[ROWS["at_risk"]]
PATIENT = ROWS["patient_id"].cat.codes.to_numpy()
CODE = "I(__import__('pathlib').Path('written').touch())"
NAMES = [
    *(CODE, "phq-9", "age at intake", "Alter (Jahre)", "class", "state", "session", "dropout"),
    *("band", "time", "event", "at_risk", "state[T.repaired]", "Intercept", "`", "1"),
]


def test_the_columns_are_those_of_formulaic():
    patient = AT_RISK["patient_id"].cat.codes
    band = baseline_bands(AT_RISK["time"], AT_RISK["dropout"], 5)
    rows = AT_RISK.assign(site=np.array(["a", "b", "c"])[patient % 3], age=patient * 0.5, band=band)
    found = hazard_design(rows, "dropout", rows["state"], covariates=("age", "site"))
    formula = "C(band) + C(state, contr.treatment('intact')) + age + site"
    np.testing.assert_array_equal(found.matrix, model_matrix(formula, rows))
    own = {name: [found.names[j] for j in at] for name, at in found.terms}
    assert own == {
        "state": ["state[T.unrepaired]", "state[T.repaired]"],
        "age": ["age"],
        "site": ["site[T.b]", "site[T.c]"],
    }
    assert [found.names[j] for j in found.levels.values()] == own["state"]


def test_a_missing_category_is_missing_and_not_the_reference():
    site = pd.Series(pd.Categorical(np.where(PATIENT % 2, "a", "b")), ROWS.index)
    rows = ROWS.assign(site=site.mask(PATIENT == 3))
    design = hazard_design(rows, "dropout", covariates=["site"])
    with pytest.raises(ModelError, match="missing values"):
        design.model("logit")


@pytest.mark.parametrize("kind", ["numbers", "categories"])
def test_a_name_is_a_label_and_nothing_more(kind, tmp_path, monkeypatch):
    """Every model gives the same numbers whatever covariates are called, and nothing is run."""
    monkeypatch.chdir(tmp_path)
    found, plain = (
        estimates({model_column(name): covariate(k, kind) for k, name in enumerate(names)})
        for names in (NAMES, [f"v{k}" for k in range(len(NAMES))])
    )
    np.testing.assert_array_equal(found, plain)
    assert np.isfinite(found).all()
    assert not list(tmp_path.iterdir())


def covariate(k, kind):
    values = np.random.default_rng(k).normal(size=PATIENT.max() + 1)[PATIENT]
    return values if kind == "numbers" else np.where(values > 0, "a", "b")


def estimates(covariates):
    rows = ROWS.assign(**covariates)
    settings = HazardSettings(covariates=list(covariates))
    symptoms = rows[["patient_id", "session"]].assign(symptom=np.arange(len(rows)) % 11)
    hazards = (fit_exposure, fit_cox)
    return np.array(
        [
            *(f(rows, "state", STATES, CONTRASTS, settings).estimates["repaired vs intact"].value
              for f in hazards),
            fit_repair(rows, settings).fit.params.sum(),
            therapist_hazards(rows, settings)["rupture"].fit.params.sum(),
            naive_effects(rows, "recorded_ending", settings.covariates, 0.95)[0]["se"].iloc[0],
            *(row["estimate"] for row in marginal_structural(rows, symptoms, settings).rows),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("therapists", "noted"),
    [
        (list("xxyy"), ""),
        (list("wxyz"), "one_patient_a_group:therapist"),
        (list("xyxz"), ""),  # x has a second patient
        (["x", "x", "y", None], "group_not_known:therapist"),
        (["x", "y", "z", None], "one_patient_a_group:therapist"),
        (list("xxxx"), "no_groups:therapist"),
    ],
)
def test_therapists_of_one_patient_each_cannot_be_told_from_the_patient(therapists, noted) -> None:
    rows = pd.DataFrame({"patient_id": list("abcd") * 2, "therapist_id": therapists * 2})
    groups, why = groups_of(rows, "therapist_id")
    assert why == noted
    assert (groups is None) == (noted.startswith(("one_patient", "no_groups")))
    assert groups_of(rows, "patient_id")[1] == ""


def test_a_patient_may_have_several_therapists_of_his_own() -> None:
    rows = pd.DataFrame({"patient_id": list("aabb"), "therapist_id": list("wxyz")})
    assert groups_of(rows, "therapist_id") == (None, "one_patient_a_group:therapist")
