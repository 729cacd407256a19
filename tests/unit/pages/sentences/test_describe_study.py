from rupture_outcome.pages.sentences.study import choices_table
from tests.unit import fake_results


def test_names_that_a_study_chose_are_never_read_as_markup():
    models = {**fake_results.CARD["models"], "covariates": ["sum_*of*_items|x"]}
    table = choices_table({**fake_results.CARD, "models": models})
    row = next(line for line in table.splitlines() if line.startswith("| Compared at the same"))
    assert r"sum \*of\* items\|x" in row
