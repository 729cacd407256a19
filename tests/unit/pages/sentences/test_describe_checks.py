import pandas as pd

from rupture_outcome.pages.sentences.checks import checks_sentences


def checks(*rows):
    return pd.DataFrame(rows, columns=["check", "passed", "expected"])


GOOD = ("the fit converged", True, "converged")
FAILED = ("the fit converged", False, "converged")
FEW = ("events per parameter", False, ">= 10")


def test_checks_that_did_not_pass_are_counted_and_grouped():
    first, fits, events = checks_sentences(checks(GOOD, FAILED, FEW, FEW))
    assert first == "3 of 4 checks of this run did not pass; none of them is an error."
    assert fits.startswith("1 models could not be fitted")
    assert events.startswith("2 models rest on few endings")
    assert "at least 10" in events
    assert checks_sentences(checks(GOOD, GOOD)) == ["All 2 checks of this run passed."]


def test_an_error_is_no_caution():
    wrong = ("one row a patient and session", False, "none")
    first, *rest = checks_sentences(checks(GOOD, wrong, FEW))
    assert "1 of them mean that the results must not be used yet: “one row a patient" in first
    assert len(rest) == 1
