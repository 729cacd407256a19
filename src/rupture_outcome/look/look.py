"""What every table, figure and page of a study needs to know to look right."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rupture_outcome.look.words import SIMULATED, name

EXACT = "Exact counts, not for passing on"


@dataclass(frozen=True)
class Look:
    """Settings of a study that show in what is published.

    Parameters
    ----------
    threshold : int
        Largest count that is not shown; 0: exact counts.
    confidence : float
        Level of intervals.
    simulated : bool
        Whether the data are simulated.
    primary : mapping
        ``definition`` and ``repair_rule`` of the main analysis.
    clock : str
        What time is counted in: "attended", "scheduled" or "weeks".
    settings : mapping
        Further parts of the config that a product asks for by `Product.settings`.
    """

    threshold: int = 0
    confidence: float = 0.95
    simulated: bool = False
    primary: Mapping[str, str] = field(default_factory=dict)
    clock: str = "attended"
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Mapping[str, Any], settings: tuple[str, ...] = ()) -> "Look":
        """Take what shows from a complete config; simulated persons need no protection."""
        simulated = config["study"]["simulated"]
        return cls(
            threshold=0 if simulated else config["disclosure"]["threshold"],
            confidence=config["models"]["confidence"],
            simulated=simulated,
            primary=config["coding"]["primary"],
            clock=config["clock"],
            settings={key: config[key] for key in settings},
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain types, to be handed to a script."""
        return asdict(self)

    def true_ratio(self, pair: tuple[str, str]) -> float:
        """Give the ratio between two states that a simulation was made with; NaN if not known.

        Examples
        --------
        >>> look = Look(settings={"truth": {"repaired vs unrepaired": -0.9}})
        >>> round(look.true_ratio(("repaired", "unrepaired")), 2)
        0.41
        """
        known = self.settings.get("truth", {})
        return math.exp(known.get(f"{pair[0]} vs {pair[1]}", math.nan))

    def true_value(self, key: str) -> float:
        """Give a value that a simulation was made with, by its name; NaN if not known.

        Examples
        --------
        >>> Look(settings={"true_values": {"dropout_therapist_sd": 0.69}}).true_value(
        ...     "dropout_therapist_sd"
        ... )
        0.69
        """
        return float(self.settings.get("true_values", {}).get(key, math.nan))

    @property
    def truth(self) -> str:
        """What the line of the truth is, as a note below a figure; empty without a truth."""
        value = self.true_ratio(("repaired", "unrepaired"))
        if math.isnan(value):
            return ""
        made = "the odds ratio that the simulation was made with"
        return f"Green line: {made} ({value:.2f} for repair)."

    @property
    def level(self) -> str:
        """The level of intervals in words, such as "95%"."""
        return f"{self.confidence * 100:g}%"

    @property
    def mark(self) -> str:
        """What must stand on every table and figure, if anything."""
        if self.simulated:
            return SIMULATED
        return "" if self.threshold else EXACT

    @property
    def unit(self) -> str:
        """One step of the clock: "session" or "week"."""
        return name("clock_unit", self.clock).lower()

    @property
    def rounding(self) -> str:
        """How counts are shown, as a note below a table or figure; empty where they are exact."""
        t = self.threshold
        if not t:
            return ""
        return (
            f"Counts are rounded to the nearest {t} (≤{t}: 1 to {t}), and shares, means and curves "
            f"with them, so sums may be off by as much. What rests on 1 to {t} persons or events "
            "in one arm is withheld."
        )
