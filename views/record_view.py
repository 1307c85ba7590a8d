"""Screens of reference records: Flask-AppBuilder lists and finds them, the records' one write door changes them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar

from flask import Response, abort, make_response, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from sqlalchemy.sql.base import ExecutableOption

from app.core.columns import key_of
from app.core.errors import DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import Message, _, listing
from app.core.records import service
from app.core.records.attributes import Choice
from app.core.records.doubts import DoubtedError
from app.core.records.meanwhile import fingerprint, settle
from app.core.records.service import RecordType
from app.core.records.showing import form_values
from app.core.records.submissions import AlreadyMadeError, create_once
from app.core.records.uses import InUseError
from app.core.work import Work
from app.people import history
from app.people.roles import THING_LABELS
from forms.records import blank_lines, form_of, labels_of, mark_all, name_chosen, values_of
from views.base import HouseModelView, actor, current_actor, house, say
from views.base.form_conflicts import kept_sides
from views.base.guard import safe_next
from views.base.house_view import PERSON
from views.record_conflicts import ShownConflict, shown_conflicts
from views.record_doubts import shown as asked_about
from views.record_doubts import sure
from views.record_facts import facts_of
from views.record_uses import sections, with_ways
from views.submissions import new_submission


class RecordView(HouseModelView):
    """Screens of one `RecordType`; a subclass names it, its interface and its columns."""

    record: ClassVar[RecordType]
    list_columns: Any
    label_columns: Any = MappingProxyType({})
    search_columns: Any = ()
    order_columns: Any = ()
    #: Where the thing whose permissions it asks is called differently.
    list_title: Any = None
    #: How many attributes stand above the lines: what is said first. None: all of them.
    leading: ClassVar[int | None] = None
    #: What a new form shows already: choices most people would make, empty lines most people fill.
    starting: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    add_template = edit_template = "records/form.html"
    show_template = "records/show.html"
    #: Whether what names a record stands below its page; a page of its own says that in its own way.
    leads_on: ClassVar[bool] = True
    #: What is read together with the record its page shows.
    shown_with: ClassVar[Sequence[ExecutableOption]] = ()
    #: How the list and its files show a column, by its name; others as they are.
    formatters_columns: Any = MappingProxyType({})

    def __init__(self, **kwargs: Any) -> None:
        self._name_titles()
        options = {one.name: one.options for one in self.record.attributes if isinstance(one, Choice)}
        self.choices = {**options, **self.choices}
        worded = {name: partial(_word, words) for name, words in options.items()}
        self.formatters_columns = {**worded, **self.formatters_columns}
        self.add_form = self.edit_form = form_of(self.record)
        self.add_columns = self.edit_columns = [one.name for one in self.record.attributes]
        self.show_columns = list(self.list_columns)
        self.label_columns = {**self._labels(), **self.label_columns}
        self.formatters_columns = {name: _unless_empty(one) for name, one in self.formatters_columns.items()}
        super().__init__(**kwargs)

    def _name_titles(self) -> None:
        self.in_sentence = thing = InSentence(self.record.label.id, self.record.label.params)
        self.list_title = self.list_title or THING_LABELS[self.record.thing]
        self.show_title = self.record.label
        self.add_title = _("New %(thing)s", thing=thing)
        self.edit_title = _("Change %(thing)s", thing=thing)

    def _labels(self) -> dict[str, Message]:
        names = {getattr(one, "shown", one.name): one.label for one in self.record.attributes}
        return names | {one.name: one.label for one in self.record.attributes}

    def _key(self, pk: str) -> int | str:
        """Return the row's key as its column holds it; what cannot be one is not found."""
        key = key_of(self.record.key.type, pk)
        return abort(404) if key is None else key

    # ---- one record

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        with house().transactions.reading(actor()) as work:
            row = service.get(work, self.record, self._key(pk), options=self.shown_with)
            facts = facts_of(work, self.record, row) + self.derived_facts(work, row)
            yours = service.is_yours(work, self.record, row)
            return self.render_template(
                self.show_template, title=self.show_title, thing=self.in_sentence, pk=pk, heading=self.heading(row),
                facts=facts, lost=_lost(self.record, row),
                events=self.events(work, row), urls=self.addresses(pk), changeable=yours and self._may("change"),
                removable=yours and self._may("delete"), **self.more_facts(work, row, yours=yours),
                related=list(sections(work, row, self.record.pointers)) if self.leads_on else [],
            )  # fmt: skip

    def heading(self, row: Any) -> str:
        """Return what heads the record's page; override where the name alone does not tell it from others."""
        return str(row)

    def events(self, work: Work, row: Any) -> list[Any] | None:
        """Return who changed what, for those who may know."""
        return history.events(work, self.record, row) if work.actor.may("audit.read") or self._may("change") else None

    def derived_facts(self, work: Work, row: Any) -> list[tuple[Message, Any]]:
        """Override to show after the attributes what follows from them."""
        del work, row
        return []

    def more_facts(self, work: Work, row: Any, *, yours: bool) -> dict[str, Any]:
        """Override to give the show page more than the attributes; ``yours``: the person may change the record."""
        del work, row, yours
        return {}

    # ---- the list

    def _get_list_widget(self, filters: Any, *args: Any, **kwargs: Any) -> Any:
        """Say of which rows there is nothing to change or delete: they are only read."""
        widgets = super()._get_list_widget(filters, *args, **kwargs)
        told = widgets["list"].template_args
        with house().transactions.reading(actor()) as work:
            told["only_read"] = set(told["pks"]) - service.yours_among(work, self.record, told["pks"])
        told["thing"], told["lost"] = self.in_sentence, _lost(self.record)
        return widgets

    def _may(self, verb: str) -> bool:
        return current_actor().may(f"{self.record.thing}.{verb}")

    def addresses(self, pk: str) -> dict[str, str]:
        name = type(self).__name__
        return {verb: url_for(f"{name}.{verb}", pk=pk) for verb in ("edit", "delete")} | {
            "list": url_for(f"{name}.list")
        }

    # ---- writing

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        if request.method == "GET":
            known = {
                one.name: request.args[one.name][:40] for one in self.record.attributes if one.name in request.args
            }
            fresh = {"active": True, "submission": new_submission(), **self.starting}
            return self._form_answer(self.add_form(data=fresh | known), self.add_title)
        form = self.add_form()
        submission = (form["submission"].data or "")[:80]
        try:
            return self._written(form, self.add_title, partial(self._created, submission))
        except AlreadyMadeError as made:
            return self._made_before(form, made)

    def _created(self, submission: str, work: Work, values: Mapping[str, Any]) -> Any:
        return create_once(work, self.record, values, submission, sure=sure())

    def _made_before(self, form: Any, made: AlreadyMadeError) -> Any:
        """Lead to the record the form made; with something else typed, ask whether it is to be another one."""
        url = url_for(f"{type(self).__name__}.show", pk=made.key)
        if made.same:
            say(_("This was saved already; nothing was done twice."), "info")
            return redirect(url)
        form["submission"].data = new_submission()
        return self._form_answer(form, self.add_title, made=(url, made.name))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        key = self._key(pk)
        if request.method == "GET":
            with house().transactions.reading(actor()) as work:
                form = self._form_of(form_values(work.actor, self.record, service.to_write(work, self.record, key)))
            return self._form_answer(form, self.edit_title)
        form = self.edit_form()
        with house().transactions.reading(actor()) as work:
            # What is out of reach is not found, whatever was typed.
            service.to_write(work, self.record, key)
        try:
            return self._written(form, self.edit_title, partial(self._changed, key, form))
        except _AskedFirst as asked:
            return self._form_answer(asked.form, self.edit_title, conflicts=asked.conflicts)

    def _form_of(self, values: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> Any:
        """Return the form with ``values``, which will tell that it was opened over ``stored``."""
        seen = fingerprint(values if stored is None else stored)
        return self.edit_form(formdata=None, data={**values, "seen": seen})

    def _changed(self, key: int | str, form: Any, work: Work, values: Mapping[str, Any]) -> Any:
        """Change the record, unless somebody else changed the same meanwhile."""
        row = service.to_write(work, self.record, key, lock=True)
        stored = form_values(work.actor, self.record, row)
        settled = settle(values, stored, form["seen"].data or "", kept_sides())
        if settled.conflicts:
            shown = shown_conflicts(work, self.record, row, settled.conflicts)
            raise _AskedFirst(self._form_of(settled.values, stored), shown)
        return service.change(work, self.record, key, settled.values, sure=sure())

    def _written(self, form: Any, title: Any, write: Callable[[Work, Mapping[str, Any]], Any]) -> Any:
        try:
            with house().transactions.unit_of_work(actor(), PERSON) as work:
                row = write(work, values_of(form, self.record))
        except DoubtedError as doubted:
            return self._form_answer(form, title, doubts=asked_about(doubted.doubts))
        except (NotAllowedError, NotFoundError, AlreadyMadeError):
            raise
        except DomainError as error:
            mark_all(form, error.refusals)
            return self._form_answer(form, title, error.refusals)
        say(self.edit_row_message)
        return redirect(self.url_after(row))

    def url_after(self, item: Any) -> str:
        """Return where saving leads: back to the list one came from, else to the record's page."""
        following = safe_next(request.args.get("next"))
        key = getattr(item, self.record.key.key)
        return following if following != "/" else url_for(f"{type(self).__name__}.show", pk=key)

    def _left(self) -> str:
        """Return where a form leads that is left as it was."""
        following, pk = safe_next(request.args.get("next")), (request.view_args or {}).get("pk")
        if following != "/":
            return following
        return url_for(f"{type(self).__name__}.{'show' if pk else 'list'}", **({"pk": pk} if pk else {}))

    def _crumb(self, work: Work) -> tuple[str, str] | None:
        """Return where the page of the record is that a form changes, and its name."""
        pk = (request.view_args or {}).get("pk")
        row = work.session.get(self.record.model, self._key(pk)) if pk else None
        return (url_for(f"{type(self).__name__}.show", pk=pk), self.heading(row)) if row is not None else None

    def _form_answer(self, form: Any, title: Any, refusals: tuple[Refusal, ...] = (), **asked: Any) -> Response:
        """Return the page of the form; ``asked``: conflicts, doubts, or the record it made before."""
        with house().transactions.reading(actor()) as work:
            name_chosen(form, work)
            crumb = self._crumb(work)
        page = self.render_template(
            "records/form.html", title=title, form=form, record=self.record, refusals=refusals, labels=labels_of(form),
            blanks=blank_lines(form), back=self._left(), sure=sure(), crumb=crumb,
            leading=len(self.record.attributes) if self.leading is None else self.leading, **asked,
        )  # fmt: skip
        return make_response(page, 409 if asked else 422 if refusals else 200)

    def pre_delete(self, item: Any) -> None:
        """Ask the write door, which knows who may, by what the record is in use, and what goes with it."""
        service.demand(self.work, self.record, "delete")
        service.demand_yours(self.work, self.record, item)
        service.let_go(self.work, self.record, item)

    def say_refused(self, error: DomainError) -> None:
        if isinstance(error, InUseError):
            say(with_ways(error), "danger")
        else:
            super().say_refused(error)


class _AskedFirst(Exception):  # noqa: N818 - no error: a question
    """Nothing is saved before somebody says which side of each conflict stays."""

    def __init__(self, form: Any, conflicts: Sequence[ShownConflict]) -> None:
        super().__init__()
        self.form, self.conflicts = form, conflicts


class InSentence(Message):
    """A label as it stands inside a sentence: small in English."""

    __slots__ = ()

    def in_(self, locale: str) -> str:
        text = super().in_(locale)
        return text[:1].lower() + text[1:]


def _lost(record: RecordType, row: Any = None) -> Message | None:
    """Say what goes with a record, where it is asked whether to delete it; of ``row``: what it has."""
    lines = {InSentence(line.label.id, line.label.params): name for name, line in record.lines.items()}
    named = [label for label, name in lines.items() if row is None or getattr(row, name)]
    return _("With it goes what belongs to it: %(lines)s.", lines=listing(named)) if named else None


def _word(words: Mapping[str, Message], value: str) -> Message | str:
    return words.get(value, value)


def _unless_empty(formatter: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: "" if value is None else formatter(value)
