"""Drafts, publishing, the library: what may change and what never does."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.core.audit import AuditEvent
from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.work import Work
from tests.ticket_templates import specs
from tests.ticket_templates.specs import DESIGNER, label, person
from ticket_templates import queries, service
from ticket_templates.codec import ProblemsError
from ticket_templates.models import FieldDefinition, TemplateVersion
from ticket_templates.service import Identity
from ticket_templates.spec import FieldSpec, Option, from_json

SMALL = Identity("small", label("Small"))


@pytest.fixture
def small(work: Work) -> None:
    spec = specs.spec()
    for definition in spec.fields.values():
        service.create_field(work, definition)
    service.create_template(work, SMALL, spec)
    service.publish(work, "small")


def changed(**fields):
    data = specs.data()
    data.update(fields)
    return from_json(data)


def code(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.refusals[0].code


@pytest.mark.usefixtures("small")
def test_a_published_version_is_what_tickets_are_made_with(work: Work) -> None:
    version = queries.published_version(work, "small")
    assert (version.number, version.spec) == (1, specs.spec())
    assert queries.version(work, version.id).rules is version.rules
    assert queries.versions(work, [version.id, 10**9]) == {version.id: version}
    assert [(card.key, card.number) for card in queries.templates(work)] == [("small", 1)]
    with pytest.raises(NotFoundError):
        queries.published_version(work, "other")
    with pytest.raises(NotFoundError):
        queries.version(work, 10**9)


@pytest.mark.usefixtures("small")
def test_a_draft_changes_nothing_until_it_is_published(work: Work) -> None:
    first = service.save_draft(work, "small", changed(subject="{problem}"))
    assert queries.published_version(work, "small").number == 1
    with pytest.raises(ConflictError) as caught:
        service.save_draft(work, "small", changed(subject=""), based_on="another")
    assert code(caught) == "stale_draft"
    service.save_draft(work, "small", changed(subject="{outcome}"), based_on=first)
    with pytest.raises(ConflictError):
        service.create_draft(work, "small")
    assert service.publish(work, "small", note="clearer") == 2
    assert queries.published_version(work, "small").spec.subject == "{outcome}"
    assert [(one.number, one.note, one.is_draft) for one in queries.template_versions(work, "small")] == [
        (2, "clearer", False), (1, "", False),
    ]  # fmt: skip
    service.restore(work, "small", 1)
    assert service.publish(work, "small") == 3
    assert queries.published_version(work, "small").spec.subject == specs.spec().subject


@pytest.mark.usefixtures("small")
def test_what_is_published_is_checked_and_new(work: Work) -> None:
    service.save_draft(work, "small", changed(subject="{nothing}"))
    with pytest.raises(ProblemsError) as caught:
        service.publish(work, "small")
    assert caught.value.problems[0].where == "subject"
    service.discard_draft(work, "small")
    with pytest.raises(NotFoundError):
        service.publish(work, "small")
    service.create_draft(work, "small")
    with pytest.raises(DomainError) as same:
        service.publish(work, "small")
    assert code(same) == "unchanged"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE template_version SET checksum = 'x'",
        "UPDATE template_version SET published_at = NULL",
        "DELETE FROM template_version",
    ],
)
def test_the_database_keeps_what_is_published(work: Work, statement: str) -> None:
    with pytest.raises(DBAPIError, match="never changes"), work.session.begin_nested():
        work.session.execute(text(statement))


@pytest.mark.usefixtures("small")
def test_the_database_keeps_one_draft(work: Work) -> None:
    service.create_draft(work, "small")
    draft = work.session.scalars(select(TemplateVersion).where(TemplateVersion.published_at.is_(None))).one()
    twin = TemplateVersion(template_id=draft.template_id, number=9, spec={}, checksum="x")
    with pytest.raises(DBAPIError), work.session.begin_nested():
        work.session.add(twin)
        work.session.flush()


@pytest.mark.usefixtures("small")
def test_withdrawing(work: Work) -> None:
    version = queries.published_version(work, "small")
    service.withdraw(work, "small")
    with pytest.raises(DomainError) as caught:
        queries.published_version(work, "small")
    assert code(caught) == "withdrawn"
    assert queries.version(work, version.id).withdrawn
    assert queries.templates(work) == []
    service.reinstate(work, "small")
    assert queries.published_version(work, "small") == version


@pytest.mark.usefixtures("small")
def test_who_may(work: Work, make_work) -> None:
    clerk = make_work(person("clerk"))
    for write in (
        lambda: service.save_draft(clerk, "small", specs.spec()), lambda: service.publish(clerk, "small"),
        lambda: service.withdraw(clerk, "small"), lambda: service.change_template(clerk, SMALL),
        lambda: service.create_field(clerk, FieldSpec("new", "text", label("New"))),
        lambda: service.create_template(clerk, SMALL, specs.spec()), lambda: service.discard_draft(clerk, "small"),
    ):  # fmt: skip
        with pytest.raises(NotAllowedError):
            write()
    designer = make_work(DESIGNER)
    service.save_draft(designer, "small", changed(subject="{problem}"))
    assert service.publish(designer, "small") == 2


@pytest.mark.usefixtures("small")
def test_keys_are_taken_for_ever(work: Work) -> None:
    with pytest.raises(DomainError) as caught:
        service.create_template(work, SMALL, specs.spec())
    assert code(caught) == "taken"
    with pytest.raises(DomainError) as field:
        service.create_field(work, FieldSpec("problem", "text", label("P")))
    assert code(field) == "taken"
    with pytest.raises(ProblemsError):
        service.create_template(work, Identity("Bad Key", {}), specs.spec())


@pytest.mark.usefixtures("small")
def test_a_used_type_stays_and_a_used_option_is_retired(work: Work) -> None:
    with pytest.raises(DomainError) as caught:
        service.change_field(work, FieldSpec("problem", "integer", label("Problem")))
    assert code(caught) == "type_in_use"
    outcome = specs.spec().fields["outcome"]
    now = service.change_field(work, replace(outcome, options=(Option("lent", label("Lent")), outcome.options[1])))
    assert [(one.key, one.retired) for one in now.options] == [
        ("lent", False), ("scrap", False), ("fixed", True), ("old", True),
    ]  # fmt: skip
    assert queries.published_version(work, "small").spec.fields["outcome"] == outcome
    service.create_draft(work, "small")
    assert service.publish(work, "small") == 2
    assert queries.published_version(work, "small").spec.fields["outcome"] == now
    again = service.change_field(work, replace(now, options=now.options[1:]))
    assert [(one.key, one.retired) for one in again.options][-1] == ("lent", True)


@pytest.mark.usefixtures("small")
def test_an_unused_field_may_become_anything(work: Work) -> None:
    service.create_field(work, FieldSpec("spare", "text", label("Spare")))
    service.change_field(work, FieldSpec("spare", "integer", label("Spare")))
    assert service.used_in(work, "spare") == ()
    assert service.used_in(work, "problem") == ("small",)
    assert {card.key: card.used_in for card in queries.fields(work)}["problem"] == ("small",)
    with pytest.raises(ProblemsError):
        service.change_field(work, FieldSpec("spare", "telepathy", label("Spare")))
    with pytest.raises(NotFoundError):
        service.change_field(work, FieldSpec("nowhere", "text", label("N")))


@pytest.mark.usefixtures("small")
def test_a_draft_needs_fields_of_the_library(work: Work) -> None:
    data = specs.data()
    data["fields"].append({"key": "stranger", "type": "text", "labels": label("S")})
    with pytest.raises(ProblemsError) as caught:
        service.save_draft(work, "small", from_json(data))
    assert caught.value.problems[0].where == "fields[8].key"


@pytest.mark.usefixtures("small")
def test_changes_are_recorded(work: Work) -> None:
    service.change_template(work, replace(SMALL, labels=label("Tiny")))
    service.withdraw(work, "small")
    seen = work.session.execute(select(AuditEvent.table_name, AuditEvent.action)).all()
    assert {("template_version", "published"), ("ticket_template", "created"), ("ticket_template", "changed"),
            ("field_definition", "created")} <= {tuple(row) for row in seen}  # fmt: skip


@pytest.mark.usefixtures("small")
def test_a_version_is_read_with_one_statement_once_it_is_known(work: Work, statements_of) -> None:
    version = queries.published_version(work, "small")
    with statements_of(work) as seen:
        queries.versions(work, [version.id])
    assert len(seen) == 1


def test_the_columns_of_the_library_are_as_they_were(work: Work) -> None:
    definition = specs.spec().fields["outcome"]
    service.create_field(work, definition)
    work.session.execute(update(FieldDefinition).values(settings={}))
    assert service.fields.definitions(work, ["outcome"])["outcome"] == definition
