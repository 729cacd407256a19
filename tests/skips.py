"""Skips that fail: with RUPTURE_NO_SKIPS set, only a file of other people may be missing."""

import os
from collections.abc import Generator

import pytest

OTHER_PEOPLES_FILE = "other people's file"


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (os.environ.get("RUPTURE_NO_SKIPS") and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if OTHER_PEOPLES_FILE not in reason:
        report.outcome = "failed"
        report.longrepr = f"{reason}\nNothing but a file of other people may be missing here."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report
