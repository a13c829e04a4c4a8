"""What whoever opens a case reads first."""

from datetime import date
from typing import Any

import pytest

from cli.pages.urgent import print_urgent, urgent_json
from domain.law.urgent import urgent
from tests.domain.examples import complaint
from tests.domain.law.limits import FRANCE
from tests.support.speaking import reads


@pytest.mark.parametrize(
    ("told", "today", "expected"),
    [
        ({"domain": "BIENS_SERVICES_PRIVES"}, date(2026, 3, 15), "il reste 5 jours pour demander, au plus tard le 19"),
        ({"domain": "BIENS_SERVICES_PRIVES"}, date(2026, 3, 15), "letter 0000-0000-0000 EV052"),
        ({"domain": "SANTE"}, date(2026, 4, 15), "demandez quand même, aujourd’hui"),
        ({"domain": "SERVICES_PUBLICS"}, date(2026, 3, 2), "Premier délai à échoir"),
        ({"facts": {"narrative": "-"}}, date(2026, 3, 2), "Datez les faits sans attendre"),
        ({"domain": "SERVICES_PUBLICS"}, date(2027, 3, 2), "Peut-être déjà passés"),
    ],
)
def test_is_told_in_words(
    told: dict[str, Any],
    today: date,
    expected: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads(monkeypatch, "fr")
    print_urgent(urgent(complaint(**told), FRANCE, today), "0000-0000-0000")
    text = " ".join(capsys.readouterr().out.split()).replace("\u202f", " ").replace("\u00a0", " ")
    assert expected in text


def test_is_told_to_machines_with_codes_and_days() -> None:
    told = urgent_json(urgent(complaint(domain="BIENS_SERVICES_PRIVES"), FRANCE, date(2026, 3, 15)))
    assert [(p["code"], p["last_day"], p["days_left"], p["lever"]) for p in told["perishing"]] == [
        ("VIDEO_PERISSABLE", "2026-03-19", 5, "CCTV")
    ]
    assert [limit["code"] for limit in told["nearest"]] == ["CIVIL_GENERAL"]
