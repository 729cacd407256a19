"""What is slow to load and not needed is left out."""

import subprocess
import sys

import pytest

from rupture_outcome.imports import without


def test_a_module_is_hidden_inside_the_block_only():
    sys.modules.pop("this", None)
    with without("this", "json"):
        import json

        with pytest.raises(ImportError):
            import this  # noqa: F401
    assert sys.modules["json"] is json
    assert "this" not in sys.modules


def test_notebooks_and_the_config_do_without_a_grammar_of_iris():
    code = """
import sys
import rupture_outcome.pages.notebooks
from rupture_outcome.pipeline import cli, config
config.load(cli.EXAMPLE)
print("jsonschema" in sys.modules, "rfc3987_syntax" in sys.modules)
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "True False\n"
