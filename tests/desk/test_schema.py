"""The JSON of views changes only when somebody means it to."""

from desk.views.schema import FILE, schema, services, views


def test_the_schema_of_views_is_the_one_that_is_kept() -> None:
    changed = schema() != FILE.read_text(encoding="utf-8")
    assert not changed, "a view changed: run python -m desk.views.schema and look at the difference"


def test_the_schema_has_a_view_for_what_services_answer() -> None:
    names = {view.__name__ for view in views()}
    assert {"AccountsView", "CasesView", "AlertsView", "JournalView", "ChecklistView", "CertificateView"} <= names
    assert len(services()) >= len(names)


def test_every_view_refuses_to_be_changed() -> None:
    assert [view.__name__ for view in views() if not view.model_config.get("frozen")] == []
