import pandas as pd
import pytest

from rupture_outcome.errors import StudyError
from rupture_outcome.pages.bases import BASES, basis
from rupture_outcome.pages.captions import caption
from rupture_outcome.pages.reading import VARIABLE, Results, count, results
from rupture_outcome.pages.sentences.study import choices_table, flow_sentence, size, study_sentence
from rupture_outcome.products.registry import figures, needed, products
from rupture_outcome.products.study_card import study_card
from tests.unit import fake_results
from tests.unit.fake_results import CARD, FIGURES


def test_results_are_where_the_environment_says(tmp_path):
    assert results({VARIABLE: str(tmp_path)}).path == tmp_path


def test_missing_results_name_the_file_and_the_remedy_but_no_path(tmp_path):
    with pytest.raises(StudyError, match="make run") as error:
        Results(tmp_path).table("dropout_effects")
    assert "dropout_effects.csv" in str(error.value)
    assert str(tmp_path.parent) not in str(error.value)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return Results(fake_results.write(tmp_path_factory.mktemp("fake"))).table


@pytest.mark.parametrize("figure", [f for f in FIGURES if f != "immortal_time"])  # of no study
def test_every_caption_says_when_data_are_simulated(figure, table):
    assert "Simulated data." in caption(figure, CARD, table)
    assert "imulated" not in caption(figure, {**CARD, "simulated": False}, table)


@pytest.mark.parametrize("figure", [f for f in figures() if not f.startswith("case_")])
def test_every_figure_counts_rows_of_a_table_that_it_draws(figure):
    base = BASES.get(figure)
    if base is None:
        assert figure in {"immortal_time", "repair_what_if"}  # of no study; of no counts
        return
    assert base.table in needed(products()[figure])
    declared = {column.name for column in products()[base.table].columns}
    assert {*base.counts, *base.where, *base.main} <= declared


def test_counts_below_a_figure_are_those_of_the_rows_that_it_draws():
    effects = fake_results.effects().assign(patients=[580, 580, 432, 575])
    said = basis("specification_curve", lambda _: effects, CARD["primary"])
    assert said.startswith("n = 575 to 580 patients, 6,400 sessions at risk and 120 dropouts")
    rounded = effects.assign(patients=[580, 10, -10, -10])
    assert "≤10 to 580 patients" in basis("specification_curve", lambda _: rounded, CARD["primary"])
    assert basis("specification_curve", lambda _: effects.iloc[:0], CARD["primary"]) == ""


def test_small_counts_are_said_to_be_small():
    assert count(-10, "patients") == "≤10 patients"
    assert count(pd.NA, "patients") == "an unknown number of patients"
    steps = ["read", "attended", "at_risk"]
    flow = pd.DataFrame({"step": steps, "patients": [600, 600, -10], "sessions": [7000, 6500, 60]})
    said = flow_sentence(flow)
    assert "7,000 sessions, 6,500 of them attended" in said
    assert "uses ≤10 patients and, of their 6,500 attended sessions, the 60 at risk" in said
    few = size({**CARD, "therapists": -10})
    assert few == "580 patients, ≤10 therapists and 6,400 sessions at risk"


def test_title_of_a_study_is_never_markup():
    said = study_sentence({**CARD, "title": "<script>*a*</script> [x](y)"})
    assert "<script>" not in said
    assert r"\*a\*" in said
    assert r"\[x\]" in said


def test_choices_name_every_definition_once():
    table = choices_table(CARD)
    assert table.count("Fall in alliance beyond reliable change") == 1
    assert "Rupture reported by patient" in table
    assert "Other repair rules" not in table


def config(threshold=10):
    coding = ("definitions", "repair_rules", "primary")
    bridges = ("bridge_missed_sessions", "bridge_unrated_sessions")
    return {
        "study": {
            "name": "s",
            "title": "S",
            "simulated": False,
            "data": "/private/place",
            "accept": {},
        },
        "clock": "attended",
        "instruments": {"phq9": {"measures": "symptom", "range": [0, 27]}},
        "coding": {key: CARD[key] for key in (*coding, *bridges)},
        "dropout": {"definition": "recorded_ending"},
        "models": CARD["models"],
        "disclosure": {"threshold": threshold, "individual_courses": False},
    }


def test_card_holds_published_counts_and_no_path():
    flow = pd.DataFrame({"patients": [600, 580], "sessions": [7000, 6400]})
    therapists = pd.DataFrame({"therapist_id": ["a", "b", "b"]})
    card = study_card(config(), flow, therapists)
    assert (card["patients"], card["sessions"], card["therapists"]) == (580, 6400, -10)
    assert card["threshold"] == 10
    assert "/private" not in str(card)
    assert study_card(config(threshold=0), flow, therapists)["therapists"] == 2


def test_card_has_the_keys_that_notebooks_and_report_read():
    flow = pd.DataFrame({"patients": [pd.NA], "sessions": [pd.NA]})
    card = study_card(config(), flow, pd.DataFrame({"therapist_id": ["a"]}))
    assert card.keys() == CARD.keys()
    assert card["patients"] is None
