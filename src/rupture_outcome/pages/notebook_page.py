"""Turn an executed notebook into a page that opens from disk without a network."""

import re
from pathlib import Path

from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

from rupture_outcome.pages.jupyter import HTMLExporter, NotebookNode, nbformat

HERE = Path(__file__).parent
TEMPLATE = HERE / "notebook.html.j2"
STYLE = HERE / "page.css"
LINK = re.compile(r'(href="[\w./-]+)\.ipynb(?=["#])')


def to_html(notebook: NotebookNode) -> str:
    """Write a notebook as one HTML page with everything in it.

    No script, font or style is loaded from elsewhere. Code is folded away behind "Code". Links to
    other notebooks lead to their pages.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook.

    Returns
    -------
    str
        The page; its title is the notebook's first heading.
    """
    exporter = HTMLExporter(
        raw_template=TEMPLATE.read_text(encoding="utf-8"),
        exclude_anchor_links=True,
        embed_images=True,
    )
    shown = nbformat.from_dict(notebook)
    about = {"title": title(notebook), "style": _style()}
    page, _ = exporter.from_notebook_node(shown, {"page": about})
    return LINK.sub(r"\1.html", page)


def title(notebook: NotebookNode) -> str:
    """First heading of a notebook."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    lines = (line for text in texts for line in text.splitlines())
    return next((line[2:].strip() for line in lines if line.startswith("# ")), "Notebook")


def _style() -> str:
    return STYLE.read_text(encoding="utf-8") + HtmlFormatter().get_style_defs(".highlight")
