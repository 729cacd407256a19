"""The hazard of the config's primary definition, rule and dropout: fitted once, read by many."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.engine.multilevel.stored import stored
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, fit_exposure


@dataclass(frozen=True)
class PrimaryHazard:
    """What the hazard is of, and its fit as it is stored.

    Attributes
    ----------
    definition, repair_rule, dropout_definition : str
        Of the config.
    fit : dict or None
        From `engine.multilevel.stored.stored`; None where nothing could be fitted: who asks again
        gets the same reason.
    """

    definition: str
    repair_rule: str
    dropout_definition: str
    fit: Mapping[str, Any] | None = None

    def known(self, definition: str, repair_rule: str) -> Mapping[str, Any] | None:
        """Give the stored fit to who fits the same definition and rule, else None.

        Parameters
        ----------
        definition, repair_rule : str
            Under which the hazard is wanted.
        """
        same = (definition, repair_rule) == (self.definition, self.repair_rule)
        return self.fit if same else None

    def as_dict(self) -> dict[str, Any]:
        """Give it in plain types; `PrimaryHazard(**…)` of them is equal."""
        return asdict(self)


def primary_hazard(
    rows: pd.DataFrame,
    primary: Mapping[str, str],
    dropout_definition: str,
    settings: HazardSettings,
) -> PrimaryHazard:
    """Fit the primary hazard, with the interval of the SD that its audits show.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of the primary definition and repair rule.
    primary : mapping
        `coding.primary` of the config: ``definition``, ``repair_rule``.
    dropout_definition : str
        Of the config.
    settings : HazardSettings
        How to fit.
    """
    fit = fit_exposure(rows, "state", STATES, (), settings).fit
    if fit is not None:
        fit.group_sd_conf_int(1.0 - settings.confidence)
    kept = None if fit is None else stored(fit)
    return PrimaryHazard(primary["definition"], primary["repair_rule"], dropout_definition, kept)
