"""Twenty thousand commands, files and mails while the stack is struck 150 times: nothing is lost, nothing counts twice.

ABOUTIR_CAMPAIGN holds other sizes, for a look of a minute: "--commands 300 --strokes 12 --files 4 --cases 12".
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.servers import ROOT

FULL = ("--commands", "20000", "--strokes", "150", "--cases", "60", "--callers", "14", "--files", "120", "--day", "4")


@pytest.mark.proof
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_a_campaign_loses_nothing_and_doubles_nothing(on: str, record_property: Callable[[str, object], None]) -> None:
    words = os.environ.get("ABOUTIR_CAMPAIGN", "").split()
    # Keys of its own: `verify --all` looks at every key that there is.
    env = {name: value for name, value in os.environ.items() if name != "ABOUTIR_TESTS_VAULT"}
    program = [sys.executable, "-m", "tests.faults.campaign.run", "--on", on, *FULL, *words]
    ended = subprocess.run(program, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env, check=False)
    report = json.loads(ended.stdout)
    for name, figure in report["figures"].items():
        record_property(f"faults: campaign on {on}, {name}", figure)
    assert {name: fault for name, fault in report["faults"].items() if fault} == {}
    assert report["is_clean"] and ended.returncode == 0
    assert len(report["figures"]["strokes, by kind"]) >= 10
