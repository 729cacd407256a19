"""Definitions that look ahead are described as such, and kept out of models of what comes next."""

import pytest

from rupture_outcome.coding.registry import definitions, require_prospective
from rupture_outcome.errors import StudyError

RETROSPECTIVE = [d.id for d in definitions().values() if d.kind_class == "retrospective"]


def test_the_package_brings_them() -> None:
    expected = {"v_shape", "strauss", "sudden_loss", "control_chart", "change_point"}
    assert expected <= set(RETROSPECTIVE)


@pytest.mark.parametrize("name", RETROSPECTIVE)
def test_they_are_refused_where_the_outcome_would_decide_the_exposure(name) -> None:
    with pytest.raises(StudyError, match=f"'{name}' is retrospective.*later sessions"):
        require_prospective(name)


def test_recalled_formulas_are_not_passed_off_as_read() -> None:
    known = definitions()
    assert {known["v_shape"].provenance, known["strauss"].provenance} == {"recalled"}
