"""Every case is verified by auditors, and by nobody else."""

import pytest

from domain.errors import Refused
from domain.permissions import require_verify_all
from domain.vocabulary import Role
from tests.people import person


@pytest.mark.parametrize("role", list(Role))
def test_every_case_is_verified_by_auditors(role: Role) -> None:
    who = person("somebody", role)
    if role in (Role.AUDITOR, Role.SYSTEM):
        require_verify_all(who)
        return
    with pytest.raises(Refused) as refused:
        require_verify_all(who)
    assert (refused.value.code, refused.value.field) == ("verify_for_auditors", "as")
