"""Problems of one cause are told once."""

from rupture_outcome.errors import Problem, grouped


def test_one_cause_in_many_columns_is_one_problem() -> None:
    many = [Problem("a.csv", "no number", "correct it", f"c{i}", [i, 9]) for i in range(12)]
    [one] = grouped(many)
    assert "columns 'c0', 'c1'" in str(one)
    assert "and 4 more" in str(one)
    assert list(one.rows) == list(range(12))


def test_other_causes_files_and_whole_tables_stay_apart() -> None:
    problems = [
        Problem("a.csv", "no number", "correct it", "x"),
        Problem("b.csv", "no number", "correct it", "x"),
        Problem("a.csv", "too high", "correct it", "y"),
        Problem("a.csv", "no number", "correct it"),
    ]
    assert grouped(problems) == problems


def test_what_is_said_twice_is_said_once() -> None:
    one = Problem("a.csv", "no number", "correct it", "x", [3])
    assert grouped([one, one]) == grouped([one])
