"""How tests are dealt to the workers of pytest-xdist.

The tests of one run of the workflow go to one worker, so that no other waits for it, and the tests
of one module too, so that what they share is made once. The longest runs begin.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling

RUN_OF = {"tagebuch_results": "tagebuch", "example_results": "example"}
FIRST = tuple(RUN_OF.values())


class ByRunOrModule(LoadGroupScheduling):
    """Deal groups (what stands behind the @ of a test's name) and else modules, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return super()._split_scope(nodeid).split("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByRunOrModule:
    config.option.loadscopereorder = False
    return ByRunOrModule(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in RUN_OF.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(RUN_OF[fixture]))
    items.sort(key=_turn)
    if getattr(config.option, "loadgroup", False):
        for item in items:
            _name_group(item)


def _name_group(item: pytest.Item) -> None:
    """Write the group behind the name where pytest 9.2 looks for it; pytest-xdist 3.8 misses that.

    Without it no group is known to those who deal, and nothing says so.
    """
    groups = _groups(item)
    if groups and hasattr(item, "_id"):
        item._id = type(item._id).parse(f"{item.nodeid}@{'_'.join(sorted(groups))}")


def _groups(item: pytest.Item) -> set[str]:
    return {mark.args[0] for mark in item.iter_markers("xdist_group")}


def _turn(item: pytest.Item) -> int:
    groups = _groups(item)
    known = [FIRST.index(group) for group in groups if group in FIRST]
    return min(known, default=len(FIRST) + (not groups))
