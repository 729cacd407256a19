from pathlib import Path

import pytest

from tests.unit.study.toy_study import ToyStudy


@pytest.fixture
def toy(tmp_path: Path) -> ToyStudy:
    return ToyStudy(tmp_path)
