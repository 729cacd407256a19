"""How a fitted growth model is told: a printed table, a plain dictionary."""

from typing import Any

import numpy as np
from statsmodels.iolib.summary import Summary
from statsmodels.iolib.table import SimpleTable

from rupture_outcome.engine.multilevel.report import plain


def summary_table(fit: Any, alpha: float) -> Summary:
    """Print what was fitted, coefficients, variances, and what to know."""
    out = Summary()
    out.tables += [_top(fit), _coefficients(fit, alpha), _variances(fit)]
    if fit.reason:
        out.add_extra_txt(["To know:", *fit.reason.split("; ")])
    return out


def _top(fit: Any) -> SimpleTable:
    how = "restricted" if fit.reml else "maximum"
    rows = [
        ("Outcome", fit.model.endog_names, "Rows", f"{fit.nobs}"),
        ("Patients", f"{fit.n_patients}", "Therapists", f"{fit.n_therapists}"),
        ("Likelihood", how, "Log-likelihood", f"{fit.llf:.4f}"),
        ("Converged", "yes" if fit.converged else "NO", "AIC", f"{fit.aic:.2f}"),
    ]
    return SimpleTable(rows, title="Growth: sessions in patients in therapists")


def _coefficients(fit: Any, alpha: float) -> SimpleTable:
    columns = (fit.params, fit.bse, fit.df, fit.tvalues, fit.pvalues, *fit.conf_int(alpha).T)
    formats = ("{:.4f}", "{:.4f}", "{:.1f}", "{:.3f}", "{:.3f}", "{:.4f}", "{:.4f}")
    rows = [
        [form.format(value) for form, value in zip(formats, row, strict=True)]
        for row in zip(*map(np.asarray, columns), strict=True)
    ]
    headers = ["coef", "std err", "df", "t", "P>|t|", f"[{alpha / 2:g}", f"{1 - alpha / 2:g}]"]
    return SimpleTable(rows, headers=headers, stubs=list(fit.model.exog_names))


def _variances(fit: Any) -> SimpleTable:
    found = fit.variances
    cells = [[term, other, f"{size:.4f}"] for term, other, size in found.iloc[:, [1, 2, 4]].values]
    headers = ["term", "with", "SD or correlation"]
    return SimpleTable(cells, headers=headers, stubs=found["level"].tolist())


def plain_report(fit: Any, alpha: float) -> dict[str, Any]:
    """Gather all that an audit of the fit needs, in plain Python types; None for "not defined"."""
    names = list(fit.model.exog_names)
    low, high = np.asarray(fit.conf_int(alpha)).T

    def named(values: Any) -> dict[str, Any]:
        return dict(zip(names, map(plain, np.asarray(values)), strict=True))

    variances = fit.variances.to_dict("records")
    return {
        "formula": fit.model.formula,
        "outcome": fit.model.endog_names,
        "reml": fit.reml,
        "nobs": int(fit.nobs),
        "n_patients": fit.n_patients,
        "n_therapists": fit.n_therapists,
        "n_changed": fit.n_changed,
        "dropped": int(fit.dropped),
        "converged": fit.converged,
        "boundary": fit.boundary,
        "reason": fit.reason,
        "gradient_norm": plain(fit.gradient_norm),
        "params": named(fit.params),
        "bse": named(fit.bse),
        "df": named(fit.df),
        "ci_low": named(low),
        "ci_high": named(high),
        "variances": [
            {key: value if isinstance(value, str) else plain(value) for key, value in row.items()}
            for row in variances
        ],
        "llf": plain(fit.llf),
        "aic": plain(fit.aic),
        "bic": plain(fit.bic),
    }
