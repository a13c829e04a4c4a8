"""Opening a case of which whoever works here is complained of, by command line."""

import json
from typing import Any

from tests.support.starter import Folder

LANDLORD = {"kind": "ASSOCIATION", "name": "Logement pour tous"}


def test_closing_it_is_proposed_and_is_done_in_the_same_act(stack: Folder, example: dict[str, Any]) -> None:
    told = json.dumps(example | {"respondent": LANDLORD})
    opened = stack.ask("open", "-", "--id", "an-opening-to-be-closed", stdin=told)
    assert opened["conflicts"] == [{"organisation": "logement-pour-tous", "refused": None}]
    shut = stack.ask("open", "-", "--closed-to", "logement-pour-tous", "--closed-to", "juriste", stdin=told)
    assert shut["conflicts"] == []
    assert stack.refused("show", shut["reference"], "--as", "juriste")["code"] == "no_such_case"
    shown = stack.ask("show", shut["reference"])["restriction"]
    assert (shown["organisations"], shown["accounts"]) == (["logement-pour-tous"], ["juriste", "logement-pour-tous"])
    wrong = stack.refused("open", "-", "--closed-to", "jurist", stdin=told)
    assert (wrong["code"], wrong["field"]) == ("nobody_so_named", "closed_to")
