"""Identifiers of an imported study: pseudonyms, and therapists whom nobody named."""

from dataclasses import replace

import pandas as pd

from rupture_outcome.study.importing.build import Imported

UNKNOWN = "unknown-"


def with_identities(study: Imported) -> Imported:
    """Give every patient a therapist: one who is not known is nobody else's.

    Patients of unknown therapists are taken as independent of all others, so that they say nothing
    about differences between therapists.

    Parameters
    ----------
    study : Imported
    """
    patients = study.patients.copy()
    if "therapist_id" not in patients:
        patients["therapist_id"] = pd.Series(pd.NA, patients.index, dtype="str")
    lacking = patients["therapist_id"].isna()
    numbers = lacking.cumsum().astype("str")
    own = patients["therapist_id"].mask(lacking, UNKNOWN + numbers)
    order = ["patient_id", "therapist_id"]
    rest = [name for name in patients if name not in order]
    patients = patients.assign(therapist_id=own)[[*order, *rest]]
    counts = {**study.counts, "unknown_therapists": int(lacking.sum())}
    return replace(study, patients=patients, counts=counts)
