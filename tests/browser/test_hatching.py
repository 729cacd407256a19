"""A browser shows the hatch of every state in an SVG, in grey as well."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from rupture_outcome.look.style import STATES, draw_band, filled, new_figure, save_figure, styled

pytestmark = pytest.mark.browser
HATCHED = [state for state, mark in STATES.items() if mark.hatch]
LEAST = 60  # of 255: a fifth of the way from black to white is seen on paper


@styled
def figure(state, kind):
    mark = STATES[state]
    fig = new_figure(2, 2)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    if kind == "band":
        draw_band(ax, [0, 1], [0, 0], [1, 1], mark)
    else:
        ax.fill_between([0, 1], [0, 0], [1, 1], **filled(mark), lw=0)
    return fig


@pytest.mark.parametrize("kind", ["band", "area"])
@pytest.mark.parametrize("state", HATCHED)
def test_a_hatch_is_seen_in_grey(browser, tmp_path, state, kind):
    save_figure(figure(state, kind), tmp_path / "hatch", "t", "a")
    page = browser.new_page(viewport={"width": 200, "height": 200}, device_scale_factor=2)
    svg = (tmp_path / "hatch.svg").read_text(encoding="utf-8")
    page.set_content(
        f'<body style="margin:0;filter:grayscale(1)">{svg[svg.index("<svg") :]}</body>'
    )
    shot = Image.open(BytesIO(page.screenshot())).convert("L")
    page.close()
    grey = np.asarray(shot)[100:300, 100:300]
    low, high = np.percentile(grey, [2, 98])
    assert high - low > LEAST
