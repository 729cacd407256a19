"""The libraries of notebooks, without the grammar of IRIs that takes them seconds to load."""

from rupture_outcome.imports import without

with without("rfc3987_syntax"):
    import jupytext
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

__all__ = [
    "CellExecutionError",
    "HTMLExporter",
    "NotebookClient",
    "NotebookNode",
    "jupytext",
    "nbformat",
]
