"""What the checks of a run found, counted, and what each group of them means."""

import pandas as pd

# Not errors: what has to be known when a result is read. All else that fails is an error.
MEANINGS = {
    "the fit converged": "{n} models could not be fitted; where an estimate of theirs would stand, "
    "it says so",
    "events per parameter": "{n} models rest on few endings for each of their parameters "
    "({expected} is asked for), so that single patients move them",
    "group SD inside the parameter space": "in {n} models no difference between therapists could "
    "be told from chance (SD of 0)",
    "gradient at the maximum": "in {n} models the fit stopped before the very maximum",
    "condition of the Hessian": "in {n} models some parameters can hardly be told apart",
    "the definition could be tested": "{n} definitions could hardly be tested",
    "somebody of every subgroup had the outcome": "in {n} tables nobody of some subgroup dropped "
    "out: who knows the subgroup knows the outcome, so look at them before they are passed on",
}


def checks_in_short(checks: pd.DataFrame) -> str:
    """Say how many checks of a run did not pass."""
    failed = checks[~checks["passed"].astype(bool)]
    if failed.empty:
        return f"all {len(checks)} checks passed"
    errors = int((~failed["check"].isin(list(MEANINGS))).sum())
    kind = f"{errors} of them errors" if errors else "cautions, no errors"
    return f"{len(failed)} of {len(checks)} checks did not pass ({kind})"


def checks_sentences(checks: pd.DataFrame) -> list[str]:
    """Count the checks that did not pass, and say what each group of them means.

    Parameters
    ----------
    checks : DataFrame
        `checks.csv`.

    Returns
    -------
    list of str
        First how many of how many; then one sentence a group, errors before cautions.
    """
    failed = checks[~checks["passed"].astype(bool)]
    if failed.empty:
        return [f"All {len(checks)} checks of this run passed."]
    cautions = failed[failed["check"].isin(list(MEANINGS))]
    errors = failed[~failed["check"].isin(list(MEANINGS))]
    counted = f"{len(failed)} of {len(checks)} checks of this run did not pass"
    said = [f"{counted}; {'none of them is an error' if errors.empty else _errors(errors)}."]
    for check, meaning in MEANINGS.items():
        own = cautions[cautions["check"].eq(check)]
        if len(own):
            expected = str(own["expected"].iloc[0]).replace(">=", "at least")
            text = meaning.format(n=len(own), expected=expected)
            said.append(f"{text[:1].upper()}{text[1:]}.")
    return said


def _errors(errors: pd.DataFrame) -> str:
    names = ", ".join(f"“{check}”" for check in errors["check"].unique())
    return f"{len(errors)} of them mean that the results must not be used yet: {names}"
