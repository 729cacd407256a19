"""Types of arrays, and what counts as equal."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

# Scores that differ by less are ties: sums of decimals are not exact.
TIE = 1e-9
