"""Write the study `tagebuch`: simulated, in the shape that a German spreadsheet would give it.

Run `python tests/workflow/studies/tagebuch/make.py` to write its tables anew.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from rupture_outcome.simulation.simulate import Study, Truth, simulate

FOLDER = Path(__file__).parent
SEED = 7
SIZE = Truth(patients=72, therapists=8, sites=1, rupture_base=-1.6)
ITEMS = [f"wai_{i:02d}" for i in range(1, 13)]
ENDINGS = {
    "dropout": "Abbruch",
    "completed": "regulär",
    "agreed": "einvernehmlich",
    "referred": "überwiesen",
    "administrative": "sonstiges",
    "ongoing": "laufend",
}
NO_ANSWER = "k. A."


def tables(study: Study) -> dict[str, pd.DataFrame]:
    """Only what every study must have, in the study's own words."""
    people = {"patient_id": "Klient", "therapist_id": "Behandler"}
    return {
        "patienten": study.patients[list(people)].rename(columns=people),
        "sitzungen": sessions(study.sessions),
        "abschluss": pd.DataFrame(
            {
                "Klient": study.endings["patient_id"],
                "letzte Sitzung": study.endings["last_session"],
                "Abschlussart": study.endings["ending"].map(ENDINGS),
            }
        ),
    }


def sessions(given: pd.DataFrame) -> pd.DataFrame:
    """The alliance as a mean with decimals; one row is entered twice."""
    mean = given[ITEMS].astype("float64").mean(axis=1).round(2)
    own = pd.DataFrame(
        {
            "Klient": given["patient_id"],
            "Sitzung": given["session"],
            "anwesend": np.where(given["attended"] == 1, "ja", "nein"),
            "Bündnis": mean.map(lambda value: f"{value:.2f}".replace(".", ","), na_action="ignore"),
        }
    )
    unanswered = own["Bündnis"].isna() & (own["anwesend"] == "ja")
    own["Bündnis"] = own["Bündnis"].astype("object").mask(unanswered, NO_ANSWER)
    return pd.concat([own.iloc[:41], own.iloc[[40]], own.iloc[41:]])


def main() -> None:
    study = simulate(SIZE, np.random.default_rng(SEED))
    for name, table in tables(study).items():
        text = table.to_csv(index=False, sep=";", lineterminator="\r\n")
        blank = ";" * (table.shape[1] - 1) + "\r\n"
        (FOLDER / f"{name}.csv").write_bytes((text + blank).encode("utf-8-sig"))


if __name__ == "__main__":
    main()
