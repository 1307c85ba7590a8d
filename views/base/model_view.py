"""Flask-AppBuilder's CRUD screens, safe between requests and inside our units of work."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar

from flask import Response, abort, make_response, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from sqlalchemy import ColumnElement, or_
from sqlalchemy.exc import SQLAlchemyError

from app.core.columns import Json
from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import Message, _
from app.core.records.attributes import Choice
from app.core.sql import contains, label_contains
from forms.base import mark
from forms.records import field_of
from views.base import list_args
from views.base.answers import say
from views.base.downloads import at_once
from views.base.form_conflicts import merge, remember
from views.base.guard import page_before, safe_next
from views.base.interface import HouseInterface
from views.base.list_export import ListExport
from views.base.model_actions import ModelActions
from views.base.model_forms import HouseModelConverter
from views.base.refusals import refusal_of
from views.base.request_filters import RequestFilters

#: Flask-AppBuilder's methods as our verbs: ``list`` of customers needs ``customer.read``.
VERBS: Mapping[str, str] = {
    "list": "read",
    "show": "read",
    "add": "create",
    "edit": "change",
    "delete": "delete",
    "delete_many": "delete",
    "export": "export",
    "export_workbook": "export",
    "make_csv": "export",
    "make_workbook": "export",
}


class HouseModelView(RequestFilters, ModelActions, ListExport):
    """A list with its forms over one table.

    Set ``datamodel = HouseInterface(Model)``, ``class_permission_name = "<thing>"`` and the ``*_columns``.
    The hooks ``pre_add``, ``pre_update`` and ``pre_delete`` run inside the unit of work (`work`) and refuse by
    raising a `DomainError`, whose field is marked.
    """

    method_permission_name: ClassVar[dict[str, str]] = dict(VERBS)
    exclude_route_methods: ClassVar[set[str]] = {"download"}
    template_folder = None
    datamodel: HouseInterface
    #: Columns the search box looks into: texts, and labels in every language.
    quick_search: tuple[str, ...] = ()
    #: What the search box promises to find.
    search_hint: Message = _("Search this list")
    #: The words a column may hold with their labels: its filter offers them instead of asking for text.
    choices: Mapping[str, Mapping[str, Message]] = MappingProxyType({})
    page_size = 25

    add_row_message = _("Saved.")
    edit_row_message = _("Saved.")
    delete_row_message = _("Deleted.")

    def _init_properties(self) -> None:
        own: dict[str, Any] = self.__dict__
        # Flask-AppBuilder adds labels to the dictionary of the class, which other views may share.
        own["label_columns"] = dict(self.label_columns or {})
        super()._init_properties()
        self.offer()
        roots = dict.fromkeys(name.partition(".")[0] for name in self.list_columns)
        self.datamodel.shown_relations = tuple(name for name in roots if self.datamodel.is_relation(name))

    def _init_forms(self) -> None:
        converter = HouseModelConverter(self.datamodel)
        own: dict[str, Any] = self.__dict__
        shared = (self.description_columns, self.validators_columns)
        own["search_form"] = self.search_form or converter.create_form(
            self.label_columns, self.search_columns, extra_fields=self.search_form_extra_fields
        )
        for name, options in self.choices.items():
            if name in self.search_columns:
                asked = Choice(name=name, label=self.label_columns[name], options=options)
                setattr(own["search_form"], name, field_of(asked))
        own["add_form"] = self.add_form or converter.create_form(
            self.label_columns, self.add_columns, *shared, self.add_form_extra_fields
        )
        own["edit_form"] = self.edit_form or converter.create_form(
            self.label_columns, self.edit_columns, *shared, self.edit_form_extra_fields
        )

    # ---- reading

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        widgets = self._list()
        return self.render_template(
            self.list_template, title=self.list_title, widgets=widgets, quick_search=bool(self.quick_search),
            search_text=self._search_text(), search_hint=self.search_hint, export_urls=self._export_urls(),
            exports_later=widgets["list"].template_args["count"] > at_once(), add_title=self.add_title,
        )  # fmt: skip

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        self._add_filters()
        name = type(self).__name__
        column, direction = self._order()
        widgets = self._get_list_widget(
            filters=self._filters, order_column=column, order_direction=direction,
            page=list_args.numbers("page_").get(name), page_size=list_args.numbers("psize_").get(name), **kwargs,
        )  # fmt: skip
        return self._get_search_widget(form=self.search_form(list_args.filter_values()), widgets=widgets)

    def _get_list_widget(
        self, filters: Any, order_column: str = "", order_direction: str = "", page: int | None = None,
        page_size: int | None = None, **kwargs: Any,
    ) -> Any:  # fmt: skip
        size = list_args.size_of(page_size, self.page_size)
        draw = partial(
            super()._get_list_widget, filters=filters, order_column=order_column, order_direction=order_direction,
            page_size=size, **kwargs,
        )  # fmt: skip
        wanted = list_args.page_of(page, size)
        try:
            drawn = draw(page=wanted)
            # A page that was kept for later may lie beyond the end by now.
            last = list_args.last_page(drawn["list"].template_args["count"], size)
            return drawn if wanted <= last else draw(page=last)
        except (SQLAlchemyError, OverflowError) as error:
            self.datamodel.session.rollback()
            raise refusal_of(error, self.datamodel.obj) from error

    def _add_filters(self) -> None:
        list_args.add_filters(self._filters)
        if self._search_text():
            self._filters.conditions.append(self.matching(self._search_text()))

    def matching(self, text: str) -> ColumnElement[bool]:
        """Return the condition of the search box; override where rows are found by more than their own columns."""
        columns = [getattr(self.datamodel.obj, name) for name in self.quick_search]
        find = {True: label_contains, False: contains}
        return or_(*(find[isinstance(one.type, Json)](one, text) for one in columns))

    def _search_text(self) -> str:
        if not self.quick_search:
            return ""
        return request.args.get("q", "").replace("\x00", "").strip()[: list_args.LONGEST_VALUE]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        item = self._found(pk)
        widgets = self._get_show_widget(self.datamodel.get_pk_value(item), item)
        widgets = self._get_related_views_widgets(
            item, orders=list_args.orders(), pages=list_args.numbers("page_"),
            page_sizes=list_args.numbers("psize_"), widgets=widgets,
        )  # fmt: skip
        return self.render_template(
            self.show_template, pk=self.datamodel.get_pk_value(item), title=self.show_title, widgets=widgets,
            related_views=self._related_views, item=item,
        )  # fmt: skip

    def _found(self, pk: str) -> Any:
        """Return the row within the person's scope, or answer 404."""
        return self.datamodel.get(pk, self._base_filters) or abort(404)

    # ---- writing

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        if request.method == "GET":
            form = self.add_form.refresh()
            self.prefill_new(form)
            return self._form_page(self.add_template, self.add_title, self._get_add_widget(form=form))
        form, item, refused = self._saved(self.add_form, None)
        if item is not None and not refused:
            say(self.add_row_message)
            return redirect(self.url_after(item))
        return self._form_page(self.add_template, self.add_title, self._get_add_widget(form=form), 422)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        if request.method == "GET":
            item = self._found(pk)
            form = self.edit_form.refresh(obj=item)
            self.prefill_form(form, self.datamodel.get_pk_value(item))
            remember(form)
            return self._form_page(self.edit_template, self.edit_title, self._get_edit_widget(form=form), pk=pk)
        form, item, refused = self._saved(self.edit_form, pk)
        if item is not None and not refused:
            say(self.edit_row_message)
            return redirect(self.url_after(item))
        status = 409 if getattr(form, "conflicts", ()) else 422
        return self._form_page(self.edit_template, self.edit_title, self._get_edit_widget(form=form), status, pk=pk)

    def _saved(self, form_class: Any, pk: str | None) -> tuple[Any, Any, bool]:
        """Take the form in one unit of work; return the form, the row saved (None: not), and whether it was refused."""
        form, item = None, None
        try:
            with self.datamodel.writing():
                found = self._found(pk) if pk is not None else None
                form = form_class.refresh()
                if not form.validate():
                    return form, None, True
                if found is not None:
                    self.datamodel.session.refresh(found, with_for_update=True)
                    if merge(form, form_class(formdata=None, obj=found)):
                        return form, None, True
                row = found if found is not None else self.datamodel.obj()
                self.process_form(form, found is None)
                with self.datamodel.session.no_autoflush:
                    form.populate_obj(row)
                    (self.pre_add if found is None else self.pre_update)(row)
                (self.datamodel.add if found is None else self.datamodel.edit)(row)
                (self.post_add if found is None else self.post_update)(row)
                item = row
        except DomainError as error:
            return self._refuse(form, error)
        except (SQLAlchemyError, OverflowError) as error:
            return self._refuse(form, refusal_of(error, self.datamodel.obj))
        return form, item, False

    def _refuse(self, form: Any, error: DomainError) -> tuple[Any, Any, bool]:
        if form is None or isinstance(error, NotAllowedError):
            raise error
        for message in mark(form, error):
            form.form_errors = [*form.form_errors, message]
        return form, None, True

    def _form_page(self, template: str, title: Any, widgets: Any, status: int = 200, **more: Any) -> Response:
        widgets.setdefault("related_views", [])
        page = self.render_template(template, title=title, widgets=widgets, related_views=[], **more)
        return make_response(page, status)

    def prefill_new(self, form: Any) -> None:
        """Override to fill a new form with what is known already, e.g. from the address."""

    def url_after(self, item: Any) -> str:  # noqa: ARG002 - for those that override it
        """Return where saving leads: where the person came from, else the list."""
        following = safe_next(request.args.get("next"))
        return following if following != "/" else url_for(f"{type(self).__name__}.list")

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        try:
            with self.datamodel.writing():
                item = self._found(pk)
                self.pre_delete(item)
                self.datamodel.delete(item)
                self.post_delete(item)
        except DomainError as error:
            return self._kept_with(error)
        except SQLAlchemyError as error:
            return self._kept_with(refusal_of(error, self.datamodel.obj))
        say(self.delete_row_message)
        return redirect(self.url_after_delete(item))

    def _kept_with(self, error: DomainError) -> Any:
        """Say why nothing was deleted, on the page where it was wished: its search and filters stay."""
        self.say_refused(error)
        before = page_before()
        return redirect(before if before != "/" else self._back())

    def url_after_delete(self, item: Any) -> str:  # noqa: ARG002 - for those that override it
        """Return where deleting leads: where the person came from, else the list."""
        return self._back()
