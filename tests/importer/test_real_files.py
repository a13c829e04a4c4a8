"""Two files that we did not write, whole, through the rules: what is accepted, what is refused, and why."""

from collections import Counter
from pathlib import Path

import pytest

from importer.mapping import load_mapping
from importer.rows import RefusedRow, plan
from importer.run import check
from tests.people import OFFICE
from tests.support.servers import KEYS

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


def real(name: str) -> Path:
    file = DATA / name
    if not file.exists():
        pytest.skip(f"{name} is not part of the project: put it in ../shared/data to run this")
    return file


async def test_every_american_investigation_becomes_a_case() -> None:
    file = real("us_doe_ocr_open_discrimination.csv")
    report = await check(plan(file, load_mapping(ROOT / "examples/us_doe_ocr.toml"), KEYS.digest), OFFICE)
    assert report.as_dict() == {"rows": 2782, "opened": 2782, "commands": 0, "already_there": 0, "refused": 0}


async def test_a_municipal_log_is_replayed_but_for_what_contradicts_itself() -> None:
    refused: list[RefusedRow] = []
    file = real("receipt_wabo.csv")
    plans = plan(file, load_mapping(ROOT / "examples/receipt_wabo.toml"), KEYS.digest)
    report = await check(plans, OFFICE, on_refused=refused.append)
    assert report.as_dict() == {"rows": 8577, "opened": 1434, "commands": 9919, "already_there": 0, "refused": 23}
    assert Counter(row.problems[0].code for row in refused) == {
        "before_reception": 12,  # two cases whose first steps are dated before their start
        "wrong_step": 8,  # work on a case after its end
        "referral_answered": 3,  # one request for advice, answered by four parties
    }
