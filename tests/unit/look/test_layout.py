"""Tables are the same bytes on every run, and read well without a declared encoding."""

import pandas as pd

from rupture_outcome.look.layout import html_table


def test_table_is_the_same_on_every_run_and_plain_ascii():
    cells = pd.DataFrame({"a": ["≤10"], "b": ["one & two <three>"]})
    one, two = (
        html_table(cells, "some_name", "Title", labels={"a": "n", "b": "Text"}) for _ in range(2)
    )
    assert one == two
    assert one.isascii()
    assert 'id="table-some-name"' in one
    assert "one &amp; two &lt;three&gt;" in one
