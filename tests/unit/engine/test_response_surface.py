import numpy as np
import pandas as pd

from rupture_outcome.engine.growth.model import NestedGrowth
from rupture_outcome.engine.response_surface import SURFACE, response_surface


def test_a_multilevel_fit_along_both_lines_gives_the_same() -> None:
    """In half sum and half difference of both views, a1 to a4 are coefficients themselves."""
    rng = np.random.default_rng(2)
    patient = np.repeat(np.arange(40), 6)
    x, y = rng.normal(size=(2, 240))
    z = 0.5 * x - 0.2 * y + 0.3 * x * y + rng.normal(size=40)[patient] + rng.normal(size=240)
    plain = pd.DataFrame({"one": 1.0, "x": x, "y": y, "xx": x * x, "xy": x * y, "yy": y * y})
    s, d = (x + y) / 2, (x - y) / 2
    lines = pd.DataFrame({"one": 1.0, "a1": s, "a3": d, "a2": s * s, "sd": s * d, "a4": d * d})
    fit, direct = (NestedGrowth(z, design, patient).fit() for design in (plain, lines))
    found = response_surface(fit.params.iloc[1:], fit.cov_params().iloc[1:, 1:])
    for name in SURFACE:
        np.testing.assert_allclose(found[name].value, direct.params[name], atol=1e-5)
        np.testing.assert_allclose(found[name].se, direct.bse[name], rtol=1e-4)
