"""Whatever is changed in a study: it is refused in words, or it can be used.

More examples, others than these: RUPTURE_FUZZ=5000 pytest tests/workflow/test_fuzzing.py
(add --hypothesis-seed=1 to have the same ones again).
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from tests.workflow.fuzzing import PLANTED, Study, broken_studies, checked, small_study

ASKED = os.environ.get("RUPTURE_FUZZ")
FEW = 60
examples = settings(
    max_examples=int(ASKED or FEW), derandomize=not ASKED, database=None, deadline=None
)


def test_the_study_that_is_changed_can_be_used(tmp_path: Path) -> None:
    assert checked(small_study().write(tmp_path)) is None


@pytest.mark.slow
@examples
@given(broken_studies())
def test_a_changed_study_is_refused_in_words_or_can_be_used(study: Study) -> None:
    with TemporaryDirectory() as folder:
        said = checked(study.write(Path(folder)))
    assert said is None or ("What to do: " in said and PLANTED not in said)
