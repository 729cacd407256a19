import os
from pathlib import Path

import pytest

DEFAULT = Path(__file__).parents[3] / "shared" / "reference"


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    folder = Path(os.environ.get("RUPTURE_REFERENCE", DEFAULT))
    if not folder.is_dir():
        pytest.skip("the reference fits are not here; set RUPTURE_REFERENCE to their folder")
    return folder
