"""How a fitted multilevel hazard is told: notes, a printed table, a plain dictionary."""

from typing import Any

import numpy as np
from statsmodels.iolib.summary import Summary
from statsmodels.iolib.table import SimpleTable

FEW_GROUPS = 5
SHOWN = 5


def notes_on(fit: Any) -> list[str]:
    """Say what a reader of the estimates must know."""
    found = [
        (fit.separated, _on_separation),
        (not fit.model.grouped, _on_no_groups),
        (fit.boundary and fit.model.grouped, _on_boundary),
        (not fit.finite_part_converged, _on_failure),
        (fit.n_groups < FEW_GROUPS and fit.model.grouped, _on_few_groups),
        (fit.dropped, _on_dropped),
    ]
    return [text(fit) for applies, text in found if applies]


def _on_separation(fit: Any) -> str:
    shown = ", ".join(fit.separated[:SHOWN])
    more = len(fit.separated) - SHOWN
    return (
        f"No finite estimate (separation): {shown}{f' and {more} more' if more > 0 else ''}. The "
        "outcome does not vary in the rows that these terms single out. The other estimates are "
        "valid and do not depend on those rows. For finite estimates merge categories, or choose "
        "a reference category in which the outcome varies."
    )


def _on_boundary(fit: Any) -> str:
    return (
        "The group SD is estimated as 0, the end of its range: groups differ no more than chance "
        "makes them. Standard errors are those of the model without groups."
    )


def _on_no_groups(fit: Any) -> str:
    return "No groups were given: rows are taken as independent given the columns."


def _on_failure(fit: Any) -> str:
    return (
        "The fit did not converge: its estimates must not be used. Leave out terms, or check "
        "whether the outcome varies within groups."
    )


def _on_few_groups(fit: Any) -> str:
    return (
        f"Fewer than {FEW_GROUPS} groups: their SD is poorly determined and standard errors are "
        "likely to be too small."
    )


def _on_dropped(fit: Any) -> str:
    return "Rows with missing values were left out; `dropped` is their number."


def summary_table(fit: Any, alpha: float) -> Summary:
    """Print what was fitted, coefficients, group SD with its interval, notes."""
    out = Summary()
    out.tables.append(_top_table(fit))
    out.add_table_params(fit, alpha=alpha, use_t=False)
    out.tables.append(_group_table(fit, alpha))
    if fit.notes:
        out.add_extra_txt(["Notes:", *fit.notes])
    return out


def _top_table(fit: Any) -> SimpleTable:
    nodes = fit.quadrature
    method = "Laplace" if nodes == 1 else f"adaptive quadrature, {nodes} nodes"
    rows = [
        ("Outcome", fit.model.endog_names, "Rows", f"{fit.nobs:.10g}"),
        ("Link", fit.model.link, "Events", f"{fit.n_events:.10g}"),
        ("Groups", fit.model.group_name, "Number of groups", f"{fit.n_groups}"),
        ("Method", method, "Log-likelihood", f"{fit.llf:.4f}"),
        ("Converged", "yes" if fit.converged else "NO", "AIC", f"{fit.aic:.2f}"),
    ]
    return SimpleTable(rows, title="Multilevel hazard, maximum likelihood")


def _group_table(fit: Any, alpha: float) -> SimpleTable:
    low, high = fit.group_sd_conf_int(alpha)
    cells = [f"{fit.group_sd:.4f}", f"{low:.4f}", f"{high:.4f}"]
    headers = ["group SD", f"[{alpha / 2:g}", f"{1 - alpha / 2:g}] profile"]
    return SimpleTable([cells], headers=headers, stubs=[fit.model.group_name])


def plain_report(fit: Any, alpha: float) -> dict[str, Any]:
    """Gather all that an audit of the fit needs, in plain Python types; None for "not defined"."""
    return {**_what_was_fitted(fit), **_how_it_ended(fit), **_estimates(fit, alpha)}


def _what_was_fitted(fit: Any) -> dict[str, Any]:
    return {
        "formula": fit.model.formula,
        "outcome": fit.model.endog_names,
        "groups": fit.model.group_name,
        "link": fit.model.link,
        "quadrature": fit.quadrature,
        "nobs": plain(fit.nobs),
        "n_events": plain(fit.n_events),
        "n_groups": int(fit.n_groups),
        "events_per_parameter": plain(fit.events_per_parameter),
        "dropped": int(fit.dropped),
    }


def _how_it_ended(fit: Any) -> dict[str, Any]:
    params = dict(zip(fit.model.exog_names, np.asarray(fit.params), strict=True))
    return {
        "converged": bool(fit.converged),
        "finite_part_converged": bool(fit.finite_part_converged),
        "boundary": bool(fit.boundary) if fit.model.grouped else None,
        "separated": {name: direction(params[name]) for name in fit.separated},
        "gradient_norm": plain(fit.gradient_norm),
        "condition_number": plain(fit.condition_number),
        "notes": list(fit.notes),
    }


def _estimates(fit: Any, alpha: float) -> dict[str, Any]:
    names = list(fit.model.exog_names)
    low, high = fit.group_sd_conf_int(alpha)
    return {
        "params": dict(zip(names, map(plain, np.asarray(fit.params)), strict=True)),
        "bse": dict(zip(names, map(plain, np.asarray(fit.bse)), strict=True)),
        "group_sd": plain(fit.group_sd),
        "group_sd_low": plain(low),
        "group_sd_high": plain(high),
        "confidence": 1.0 - alpha,
        "llf": plain(fit.llf),
        "llf_without_groups": plain(fit.llf_without_groups),
        "aic": plain(fit.aic),
        "bic": plain(fit.bic),
    }


def plain(value: Any) -> float | int | None:
    """Turn a number into one that JSON can hold; None if it is not finite.

    Examples
    --------
    >>> plain(np.float64(0.5)), plain(np.int64(3)), plain(float("inf"))
    (0.5, 3, None)
    """
    if isinstance(value, int | np.integer):
        return int(value)
    return float(value) if np.isfinite(value) else None


def direction(value: float) -> str:
    """Name where an infinite coefficient goes.

    Examples
    --------
    >>> direction(float("-inf")), direction(float("nan"))
    ('-inf', 'undetermined')
    """
    return "undetermined" if np.isnan(value) else ("+inf" if value > 0 else "-inf")
