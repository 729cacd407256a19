"""What notebooks and report read: the results of one study, and nothing else."""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown, display
from PIL import Image

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.look.formats import count_text
from rupture_outcome.pages.captions import caption
from rupture_outcome.products.registry import products
from rupture_outcome.products.tables import read_table

VARIABLE = "RUPTURE_RESULTS"
BESIDE_NOTEBOOKS = Path("../results/example")
SCREEN_DPI = 96


@dataclass(frozen=True)
class Results:
    """The results of one study, read only.

    Parameters
    ----------
    path : Path
        A folder that the pipeline wrote, such as `results/example`.

    Examples
    --------
    >>> study = results()                        # doctest: +SKIP
    >>> study.table("dropout_effects")           # doctest: +SKIP
    >>> study.figure("flow")                     # doctest: +SKIP
    """

    path: Path

    @cached_property
    def card(self) -> dict[str, Any]:
        """What the study is: the content of `study.json`."""
        return self.json("study.json")

    def json(self, name: str) -> Any:
        """Read a JSON file of the results."""
        return json.loads(self.bytes(name))

    def bytes(self, name: str) -> bytes:
        """Read a file of the results as it is."""
        return self._file(name).read_bytes()

    def table(self, name: str) -> pd.DataFrame:
        """Read a table in its declared types; a small count has a minus sign."""
        self._file(f"{products()[name].csv}.csv")
        return read_table(self.path, name)

    def csv(self, name: str) -> pd.DataFrame:
        """Read a CSV file of the results that is no product, such as `checks.csv`."""
        return pd.read_csv(self._file(name))

    def html(self, name: str) -> HTML:
        """Show a table as it is printed: `tables/<name>.html`."""
        return HTML(self._file(f"tables/{name}.html").read_text(encoding="utf-8"))

    def figure(self, name: str) -> "Picture":
        """Show a figure with its caption and its description for those who cannot see it."""
        return Picture(self.bytes(f"figures/{name}.png"), self.alt(name), self.caption(name))

    def alt(self, name: str) -> str:
        """Describe a figure in words, for those who cannot see it."""
        return " ".join(self._file(f"figures/{name}.alt.txt").read_text(encoding="utf-8").split())

    def caption(self, name: str) -> str:
        """Caption of a figure, with what it rests on."""
        return caption(name, self.card, self.table)

    def _file(self, name: str) -> Path:
        path = self.path / name
        if path.is_file():
            return path
        raise StudyError(
            [
                Problem(
                    name,
                    f"the results in the folder '{self.path.name}' have no such file",
                    "Run the pipeline first (make run), or choose another folder of results "
                    f"in the environment variable {VARIABLE}.",
                )
            ]
        )


@dataclass(frozen=True)
class Picture:
    """A figure that shows itself in a notebook with its caption below it."""

    png: bytes
    alt: str
    caption: str

    def _ipython_display_(self) -> None:
        about = {"alt": self.alt, "width": screen_width(self.png), "caption": self.caption}
        data = {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.alt}
        display(data, metadata={"image/png": about}, raw=True)
        display(Markdown(f"*{self.caption}*"), metadata={"text/markdown": {"is_caption": True}})


def results(environment: Mapping[str, str] = os.environ) -> Results:
    """Find the results that a notebook is about.

    They are in the folder that the environment variable RUPTURE_RESULTS names, as it does when the
    pipeline runs a notebook, or else those of the example study beside the notebooks.
    """
    return Results(Path(environment.get(VARIABLE) or BESIDE_NOTEBOOKS).resolve())


def say(markdown: str) -> None:
    """Show a paragraph whose numbers were computed."""
    display(Markdown(markdown))


def count(value: object, what: str = "") -> str:
    """Write a number of persons or sessions for reading.

    Parameters
    ----------
    value : int or None
        As published: a small one has a minus sign, see `rupture_outcome.disclosure`.
    what : str
        Of what.

    Examples
    --------
    >>> count(7012, "sessions"), count(-10, "patients"), count(None, "patients")
    ('7,012 sessions', '≤10 patients', 'an unknown number of patients')
    """
    if pd.isna(value):  # type: ignore[call-overload]
        return f"an unknown number of {what}" if what else "an unknown number"
    return f"{count_text(value)} {what}".strip()


def screen_width(png: bytes) -> int:
    """Width in CSS pixels at which a PNG has the size that it was drawn for."""
    with Image.open(BytesIO(png)) as image:
        return round(image.width / image.info.get("dpi", (SCREEN_DPI,))[0] * SCREEN_DPI)
