"""What is odd in a study that could be right all the same: notes of `check`, which stop nothing."""

from collections.abc import Iterator

import pandas as pd

from rupture_outcome.study.score import Instruments, item_rest, reliability


def odd_items(sessions: pd.DataFrame, instruments: Instruments) -> Iterator[str]:
    """Tell items that run against the others of their instrument.

    Parameters
    ----------
    sessions : DataFrame
        Clean sessions with the item columns.
    instruments : mapping
        Section `instruments` of the config.
    """
    found = item_rest(sessions, instruments)
    for row in found[found["ci_high"] < 0].to_dict("records"):
        name, item = row["instrument"], row["item"]
        turned = item in instruments[name]["reversed"]
        remedy = (
            f"take it out of instruments.{name}.reversed"
            if turned
            else (f"list it under instruments.{name}.reversed")
        )
        yield (
            f"the item '{item}' of instruments.{name} runs against the others (correlation with "
            f"their sum {row['r']:.2f}, 95% interval {row['ci_low']:.2f} to {row['ci_high']:.2f}); "
            f"{remedy}, if it is worded the other way round"
        )


def odd_reliabilities(sessions: pd.DataFrame, instruments: Instruments) -> Iterator[str]:
    """Tell reliabilities that Cronbach's alpha of the study's own sessions does not bear out.

    Parameters
    ----------
    sessions, instruments
        As for `odd_items`.
    """
    for row in reliability(sessions, instruments).to_dict("records"):
        declared = instruments[row["instrument"]]["reliability"]
        if declared is not None and row["ci_high"] < declared - LARGEST_GAP:
            yield (
                f"instruments.{row['instrument']} is declared to have a reliability of "
                f"{declared:g}; Cronbach's alpha in these sessions is {row['alpha']:.2f} "
                f"({row['ci_low']:.2f} to {row['ci_high']:.2f})"
            )


# Alpha mixes differences between and within patients, so that small gaps say nothing.
LARGEST_GAP = 0.1
