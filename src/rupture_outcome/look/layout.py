"""One layout for all tables: title, units, groups, notes; the same bytes on every run."""

from collections.abc import Mapping, Sequence

import pandas as pd

from rupture_outcome.look.look import Look


def html_table(
    cells: pd.DataFrame,
    name: str,
    title: str,
    subtitle: str = "",
    *,
    labels: Mapping[str, str],
    group: str | None = None,
    notes: Sequence[str] = (),
    look: Look | None = None,
) -> str:
    """Lay out texts as an HTML table that stands alone or within a page.

    Characters outside ASCII become references, so that the file reads well without a declared
    encoding.

    Parameters
    ----------
    cells : DataFrame
        Texts, one row a line of the table.
    name : str
        Identifier of the table in a page.
    title, subtitle : str
        What the table shows, of whom, in which unit.
    labels : mapping of str to str
        Column and its heading, in order; a column whose heading is empty names the rows.
    group : str, optional
        Column whose values head groups of rows.
    notes : sequence of str
        Notes below the table; empty ones are left out.
    look : Look, optional
        For the mark of the data above, and below how counts are shown; left out where the table is
        of no study.
    """
    from great_tables import GT  # the registry of products is read without it

    mark, rounding = (look.mark, look.rounding) if look else ("", "")
    shown = cells[[*([group] if group else []), *labels]].fillna("").astype(str)
    table = GT(shown, id=f"table-{name.replace('_', '-')}", groupname_col=group)
    about = f"{mark}. {subtitle}".strip() if mark else subtitle
    texts = [column for column, label in labels.items() if _is_text(shown[column])]
    table = (
        table.tab_header(title=title, subtitle=about or None)
        .cols_label(cases=dict(labels))
        .cols_align(align="right")
        .cols_align(align="left", columns=texts)
        .tab_options(table_font_size="14px", table_width="auto", heading_align="left")
        .tab_options(row_group_font_weight="bold", table_font_names=["sans-serif"])
    )
    for note in filter(None, [*notes, rounding]):
        table = table.tab_source_note(note)
    html: str = table.as_raw_html()
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n"


def _is_text(column: pd.Series) -> bool:
    """Whether a column holds words rather than numbers."""
    return bool(column.str.contains("[A-Za-z]{3,}", regex=True).any())
