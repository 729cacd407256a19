"""Growth: a measure over sessions in patients in therapists."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.base.model import LikelihoodModel

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.growth.fit import MAX_STEPS, fit_growth
from rupture_outcome.engine.growth.inputs import check_inputs
from rupture_outcome.engine.growth.likelihood import Shape
from rupture_outcome.engine.growth.results import NestedGrowthResults, NestedGrowthResultsWrapper
from rupture_outcome.engine.growth.statistics import Chain, Statistics, Units, scaled, statistics
from rupture_outcome.engine.multilevel.formula import (
    column_or_values,
    complete_cases,
    design_matrices,
    parsed_formula,
)
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import reason

__all__ = ["ModelError", "NestedGrowth"]


class NestedGrowth(LikelihoodModel):
    """Linear mixed model of sessions in patients in therapists, by (restricted) maximum likelihood.

        y = x'β + (1, t)'b_i + c_j + e,   b_i ~ N(0, Ψ),  c_j ~ N(0, γ²),  e ~ N(0, σ²)

    for a session at t of patient i with therapist j; intercept and slope of patients correlate.

    Parameters
    ----------
    endog : array, shape (rows,)
        Outcome.
    exog : DataFrame or array, shape (rows, columns)
        Design, with its constant if there is one to be.
    patient : array, shape (rows,)
        Label of each row's patient.
    slope : array, shape (rows,), optional
        Variable t whose slope varies between patients, such as the session. None: intercepts only.
    therapist : array, shape (rows,), optional
        Label of the therapist of each row, who held the session. A patient may have several: the
        effects of patients and therapists are then crossed, each session with its own therapist's.
    therapist_slope : bool
        Whether the slope varies between therapists too, correlated with their intercept.
    ar1 : array, shape (rows,), optional
        Number of each session: residuals of a patient that lie d apart have the correlation ρ^d.
        None: they are independent.
    missing : {"raise", "drop"}
        Whether missing values are an error or their rows are left out and counted.

    Raises
    ------
    ModelError
        The model cannot be fitted to these data; says why and what to do.

    Notes
    -----
    In R: `lmer(symptom ~ session + state + (1 + session | patient) + (1 | therapist))`.
    Names of columns are looked up, never run; a formula is code of the one who writes it.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"patient": np.repeat(np.arange(60), 8), "session": [*range(8)] * 60})
    >>> data["therapist"] = data["patient"] // 10
    >>> start, pace = rng.normal(20, 3, 60), rng.normal(-0.5, 0.3, 60)
    >>> course = start[data["patient"]] + pace[data["patient"]] * data["session"]
    >>> data["symptom"] = course + rng.normal(size=480)
    >>> fit = NestedGrowth.from_formula(
    ...     "symptom ~ session", data, patient="patient", slope="session", therapist="therapist"
    ... ).fit()
    >>> bool(fit.converged), fit.params.round(2).to_dict()
    (True, {'Intercept': 19.79, 'session': -0.51})
    """

    def __init__(
        self,
        endog: Any,
        exog: Any,
        patient: Any,
        slope: Any = None,
        therapist: Any = None,
        therapist_slope: bool = False,
        ar1: Any = None,
        missing: str = "raise",
    ) -> None:
        inputs = check_inputs(endog, exog, patient, slope, therapist, ar1, missing)
        if therapist_slope and (slope is None or therapist is None):
            raise ModelError("therapist_slope needs both a slope and a therapist.")
        super().__init__(inputs.endog, inputs.exog, hasconst=inputs.constant)
        self.formula: str | None = None
        self.model_spec: Any = None
        self.dropped, self.row_labels = inputs.dropped, inputs.index
        self.patient_codes, self.patient_labels = _codes(inputs.patient)
        self.slope: Floats | None = (
            None if inputs.slope is None else np.asarray(inputs.slope, dtype=float)
        )
        self.slope_name = None if inputs.slope is None else str(inputs.slope.name)
        self.grouped = inputs.therapist is not None
        self.therapist_codes: Any = None
        self.therapist_labels: pd.Index[Any] = pd.Index([])
        if inputs.therapist is not None:
            self.therapist_codes, self.therapist_labels = _codes(inputs.therapist)
        self.therapist_slope = therapist_slope
        self.chain: Chain | None = None
        if inputs.ar1 is not None:
            self.chain = Chain.of(self.patient_codes, np.asarray(inputs.ar1, dtype=float))
        self.nobs = len(self.endog)

    @classmethod
    def from_formula(
        cls,
        formula: str,
        data: pd.DataFrame,
        patient: Any,
        slope: Any = None,
        therapist: Any = None,
        therapist_slope: bool = False,
        ar1: Any = None,
        missing: str = "raise",
    ) -> "NestedGrowth":
        """Make the model from a formula in the syntax of formulaic.

        Parameters
        ----------
        formula : str
            Fixed effects, such as `"symptom ~ session + C(state, contr.treatment('intact'))"`.
        data : DataFrame
            One row a session.
        patient, slope, therapist, ar1 : str, or array, shape (rows,), or None
            Name of a column of `data`, or the values.
        therapist_slope, missing
            As for the class.

        Raises
        ------
        ModelError
            As for the class; also a column that is absent, or a formula that cannot be read.
        """
        parsed = parsed_formula(formula)
        rows, complete = complete_cases(parsed, data, (patient, slope, therapist, ar1), missing)
        matrices = design_matrices(parsed, rows)
        if any("[" in str(name) for name in matrices.lhs.columns):
            raise ModelError("the outcome holds words, not numbers. Code it as numbers.")
        whose, varying, whom, apart = (
            column_or_values(rows, each, complete) for each in (patient, slope, therapist, ar1)
        )
        model = cls(
            matrices.lhs, matrices.rhs, whose, varying, whom, therapist_slope, apart, missing
        )
        model.formula, model.model_spec = formula, matrices.rhs.model_spec
        model.dropped += int((~complete).sum())
        return model

    def fit(self, reml: bool = True, maxiter: int = MAX_STEPS) -> NestedGrowthResults:
        """Maximise the likelihood.

        Parameters
        ----------
        reml : bool
            Restricted, which estimates variances as if β were known to be uncertain; False: plain
            maximum likelihood, which compares models that differ in β.
        maxiter : int
            Most steps of the search.

        Returns
        -------
        NestedGrowthResults
            Marked, not hidden, where a variance is 0, a correlation ±1, or the search did not end.

        Raises
        ------
        ModelError
            The rows cannot tell the variances apart, or the design leaves nothing unexplained.
        """
        units, at = self.statistics()
        q = 1 if self.slope is None else 2
        shape = Shape(q, (1 + int(self.therapist_slope)) * int(self.grouped))
        fitted = fit_growth(at, shape, units, reml, maxiter, ar1=self.chain is not None)
        return NestedGrowthResultsWrapper(NestedGrowthResults(self, fitted))

    @steady
    def statistics(self) -> tuple[Units, Callable[[float], tuple[Statistics, float]]]:
        """Scaled units, and the cross products that the likelihood needs in them, by ρ."""
        units, y, X, Z = scaled(self.endog, self.exog, self.slope)
        if units.scale == 0:
            raise ModelError(
                "the columns predict the outcome without error, so that nothing is left to vary. "
                "Leave out the term that holds the outcome.",
                reason("predicted_without_error"),
            )
        person, group, chain = self.patient_codes, self.therapist_codes, self.chain

        def at(rho: float) -> tuple[Statistics, float]:
            if chain is None or rho == 0.0:
                return statistics(y, X, Z, person, group), 0.0
            free = chain.independent(np.column_stack([y, X, Z]), rho)
            p = 1 + X.shape[1]
            data = statistics(free[:, 0], free[:, 1:p], free[:, p:], person, group)
            return data, chain.logdet(rho)

        return units, at

    @property
    def n_changed(self) -> int:
        """Patients with rows of several therapists."""
        if not self.grouped:
            return 0
        pairs = pd.DataFrame({"patient": self.patient_codes, "therapist": self.therapist_codes})
        return int((pairs.drop_duplicates()["patient"].value_counts() > 1).sum())


def _codes(labels: "pd.Series[Any]") -> tuple[Any, "pd.Index[Any]"]:
    codes, found = pd.factorize(labels, sort=True)
    return codes, pd.Index(found, name=str(labels.name))
