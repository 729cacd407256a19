"""Alpha and omega agree with pingouin and with statsmodels' factor analysis."""

import numpy as np
import pandas as pd
import pingouin
import pytest
from statsmodels.multivariate.factor import Factor

from rupture_outcome.engine.consistency import alpha_and_omega, one_factor

# EM stops when no unique variance moves by more than 1e-8 of an item's variance; statsmodels'
# optimiser is the looser of the two.
LOOSE = 1e-4


def items(n: int = 400, seed: int = 1, k: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    factor = np.repeat(rng.normal(size=n // 4), 4) + 0.5 * rng.normal(size=n)
    loadings = np.linspace(0.4, 1.2, k)
    return factor[:, None] * loadings + rng.normal(size=(n, k)) * np.linspace(0.5, 1.5, k)


def test_alpha_is_pingouins() -> None:
    forms = items()
    found = alpha_and_omega(forms, np.repeat(np.arange(100), 4), rng=np.random.default_rng(2))
    assert found.estimate[0] == pytest.approx(pingouin.cronbach_alpha(pd.DataFrame(forms))[0])


@pytest.mark.parametrize("k", [3, 6, 12])
def test_omega_is_that_of_statsmodels_factor(k: int) -> None:
    forms = items(k=k)
    sd = forms.std(axis=0, ddof=1)
    fit = Factor(endog=forms, n_factor=1, method="ml").fit()
    common = (fit.loadings[:, 0] * sd).sum() ** 2
    expected = common / (common + (fit.uniqueness * sd**2).sum())
    found = alpha_and_omega(forms, np.arange(400), rng=np.random.default_rng(2), replicates=2)
    assert found.estimate[1] == pytest.approx(expected, abs=LOOSE)


def test_loadings_are_found_where_the_matrix_is_exact() -> None:
    loadings, unique = np.array([0.9, 0.6, -0.4, 0.8]), np.array([0.2, 0.5, 1.0, 0.3])
    found, rest = one_factor((np.outer(loadings, loadings) + np.diag(unique))[None])
    np.testing.assert_allclose(found[0] * np.sign(found[0, 0]), loadings, atol=1e-6)
    np.testing.assert_allclose(rest[0], unique, atol=1e-6)


def test_the_interval_is_wider_where_forms_of_a_patient_are_alike() -> None:
    forms, patients = items(), np.repeat(np.arange(100), 4)
    clustered = alpha_and_omega(forms, patients, rng=np.random.default_rng(2))
    apart = alpha_and_omega(forms, np.arange(400), rng=np.random.default_rng(2))
    assert (clustered.high - clustered.low > apart.high - apart.low).all()
    assert (clustered.low < clustered.estimate).all()
    assert (clustered.estimate < clustered.high).all()


def test_the_interval_of_omega_covers() -> None:
    """Of 80 samples of 60 patients; ± 2.7 points is one Monte-Carlo standard error at 94 %."""
    loadings, unique = np.linspace(0.4, 1.2, 6), np.linspace(0.5, 1.5, 6) ** 2
    omega = loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum())
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(80):
        forms = rng.normal(size=60)[:, None] * loadings + rng.normal(size=(60, 6)) * unique**0.5
        found = alpha_and_omega(forms, np.arange(60), rng=rng, replicates=100)
        hits += bool(found.low[1] <= omega <= found.high[1])
    assert hits / 80 >= 0.86


@pytest.mark.parametrize(
    ("forms", "known"),
    [
        (items(k=2), [True, False]),
        (items(k=1), [False, False]),
        (np.column_stack([items(k=3), np.ones(400)]), [False, False]),
        (items(4), [False, False]),
    ],
)
def test_what_is_not_identified_is_not_told(forms: np.ndarray, known: list[bool]) -> None:
    found = alpha_and_omega(
        forms, np.arange(len(forms)), rng=np.random.default_rng(1), replicates=20
    )
    assert (~np.isnan(found.estimate)).tolist() == known
