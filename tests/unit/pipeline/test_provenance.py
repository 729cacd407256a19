from pathlib import Path

import pytest

from rupture_outcome.pipeline import provenance
from rupture_outcome.pipeline.provenance import code_digest, import_closure, manifest, value_digest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    source = tmp_path / "src" / "rupture_outcome"
    (source / "inner").mkdir(parents=True)
    (source / "__init__.py").write_text("")
    (source / "inner" / "__init__.py").write_text("")
    (source / "inner" / "used.py").write_text("from rupture_outcome import helper\n\nX = 1\n")
    (source / "helper.py").write_text("Y = open('table.json')\n")
    (source / "table.json").write_text("{}")
    (source / "other.py").write_text("Z = 1\n")
    monkeypatch.setattr(provenance, "SOURCE", source)
    script = tmp_path / "script.py"
    script.write_text("import json\nfrom rupture_outcome.inner.used import X\n")
    return script


def test_the_closure_is_what_an_import_runs(package: Path) -> None:
    names = [path.name for path in import_closure(package)]
    assert names[0] == "script.py"
    assert sorted(names[1:]) == ["__init__.py", "__init__.py", "helper.py", "table.json", "used.py"]


@pytest.mark.parametrize("file", ["helper.py", "table.json", "inner/used.py", "inner/__init__.py"])
def test_the_digest_changes_with_code_that_is_used(package: Path, file: str) -> None:
    before = code_digest(package)
    path = provenance.SOURCE / file
    path.write_text(path.read_text() + "\nW = 2\n")
    assert code_digest(package) != before


def test_comments_layout_and_unused_modules_do_not_count(package: Path) -> None:
    before = code_digest(package)
    (provenance.SOURCE / "helper.py").write_text("# why\nY = open(\n    'table.json'\n)\n")
    (provenance.SOURCE / "other.py").write_text("Z = 2\n")
    assert code_digest(package) == before


def test_a_module_that_discovers_others_depends_on_them(package: Path) -> None:
    found = provenance.SOURCE / "found"
    found.mkdir()
    (found / "plugin.py").write_text("A = 1\n")
    (provenance.SOURCE / "helper.py").write_text(
        "import pkgutil\n\nfor m in pkgutil.iter_modules('rupture_outcome.found'):\n    pass\n"
    )
    before = code_digest(package)
    (found / "plugin.py").write_text("A = 2\n")
    assert code_digest(package) != before


def test_a_module_that_other_packages_add_to_depends_on_what_they_bring(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (provenance.SOURCE / "helper.py").write_text(
        "from importlib.metadata import entry_points\n\n"
        "E = entry_points(group='rupture_outcome.toys')\n"
    )
    before = code_digest(package)
    installed = tmp_path / "site"
    (installed / "toys-1.0.dist-info").mkdir(parents=True)
    (installed / "toys-1.0.dist-info" / "METADATA").write_text("Name: toys\nVersion: 1.0\n")
    (installed / "toys-1.0.dist-info" / "entry_points.txt").write_text(
        "[rupture_outcome.toys]\ntoys = toys_of_a_clinic\n"
    )
    (installed / "toys_of_a_clinic.py").write_text("A = 1\n")
    monkeypatch.syspath_prepend(installed)
    with_toys = code_digest(package)
    (installed / "toys_of_a_clinic.py").write_text("A = 2\n")
    assert len({before, with_toys, code_digest(package)}) == 3


def test_the_digest_of_a_value_ignores_the_order_of_keys() -> None:
    assert value_digest({"a": 1, "b": [1, 2]}) == value_digest({"b": [1, 2], "a": 1})
    assert value_digest({"b": [1, 2]}) != value_digest({"b": [2, 1]})


def test_the_manifest_does_not_depend_on_where_the_study_lies() -> None:
    read = {"a.csv": "73cb3858a687a849"}
    config = {"study": {"name": "s", "simulated": True, "data": "/one/place"}, "seed": 1}
    moved = {"study": {"name": "s", "simulated": True, "data": "/another"}, "seed": 1}
    made = manifest(read, {}, config)
    assert made == manifest(read, {}, moved)
    assert made["inputs"] == read
    assert "place" not in str(made)
