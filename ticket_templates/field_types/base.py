"""The contract of a field type: one class owns a field's whole life.

An instance is bound to one `FieldSpec` (a definition as a version knows it), is made once per version and
shared by all tickets of it, and so holds no state of a ticket. A *value* is canonical JSON, or None for
"unanswered"; ``raw`` is what came in: a string or list from a form, JSON from the API, a cell from Excel.

**Unchanged is always allowed.** `Context.stored` holds what the ticket has now. Raw input that equals the stored
value, or what the form shows for it, means "as it was": a retired option, a value from before a limit was
tightened, a masked phone number stay as they are.

**Personal data.** Where `personal` is true (phone, address, a text marked personal) the change path stores
``seal(value)`` in the ticket's JSON and in the journal, and reads with ``open(value)``; everything else here
takes *unsealed* values. A seal differs each time: compare unsealed values, and keep the old token when they are
equal. `shown`, `form_value`, `to_excel` and `to_json` mask it unless `Context.personal` says the reader may see it.

**Derived fields** (computed, auto number) are never typed; `ticket_templates.formulas.derived` fills them.
"""

import json
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any, ClassVar, Final

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.core.db import folded
from app.core.errors import DomainError
from app.core.i18n import Message, _, label_in
from app.core.keyring import KEYRING
from app.core.numbers import MAX_WHOLE
from app.core.text import trimmed
from ticket_templates.field_types.context import Context, FileFacts, References
from ticket_templates.field_types.declared import Case, FieldError, Refused, Setting
from ticket_templates.field_types.inputs import TextInput
from ticket_templates.spec import FieldSpec

#: With what a field may ask, which belongs to the contract.
__all__ = (
    "DEFAULT", "LONGEST_SETTING", "PLACEHOLDER", "SEAL", "Case", "Context", "FieldError", "FieldType", "FileFacts",
    "References", "Refused", "Setting", "as_text", "check_setting", "is_empty", "listed", "same",
)  # fmt: skip

#: The schema of a masked text.
MASKED: Final = {"description": "A mask you were shown: sent back, the answer stays as it is", "pattern": r"\*"}
#: How a sealed value begins, so that it is never taken for a plain one.
SEAL = "sealed:"


LONGEST_SETTING = 500

#: Settings every type has that a person may type into.
DEFAULT = Setting("default", "value", _("Default value"))
PLACEHOLDER = Setting("placeholder", "text", _("Example shown in the empty field"))


class FieldType:
    """Base of all field types. A subclass overrides what differs; the defaults serve plain text."""

    #: Stored name, equal to the file's name, never renamed.
    name: ClassVar[str]
    label: ClassVar[Message]
    #: One sentence for the library: what it is for.
    purpose: ClassVar[Message]
    #: Kind of the condition language (`app.conditions.kinds.KINDS`).
    kind: str = "text"
    #: Name of the Jinja partial that draws the input: ``templates/field_inputs/NAME.html``.
    input: str = "text"
    #: How many of a form's 12 columns it takes where the template does not say.
    width: ClassVar[int] = 6
    #: Icon of the sprite, shown in the library.
    icon: ClassVar[str] = "forms"
    #: What an author may write as a default instead of an answer: it moves with time.
    words: ClassVar[frozenset[str]] = frozenset()
    #: A person may not type it (computed, auto number).
    derived: ClassVar[bool] = False
    #: The definition lists options.
    has_options: ClassVar[bool] = False
    #: May be a column of a table.
    in_table: ClassVar[bool] = True
    #: Texts of it belong into the full-text search.
    searchable: bool = False
    #: The value identifies a person: sealed at rest, masked when shown.
    personal: bool = False
    #: No answer is longer than an entry of an index may be.
    short: bool = True
    #: A value that was right may be wrong later: its limit moves with time.
    lapses: bool = False
    #: The part of a value conditions compare, by the names that lead to it; none: all of it.
    fact_path: ClassVar[tuple[str, ...]] = ()
    #: Excel number format of `to_excel`'s values.
    excel_format: str = "General"
    settings: ClassVar[tuple[Setting, ...]] = (DEFAULT, PLACEHOLDER)
    cases: ClassVar[tuple[Case, ...]] = ()
    refused: ClassVar[tuple[Refused, ...]] = ()

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec
        given = spec.settings
        self._settings = {
            one.name: one.default if given.get(one.name) is None else given[one.name] for one in self.settings
        }

    @property
    def indexable(self) -> bool:
        """Whether an index may serve conditions on it: one short answer, which stands in the ticket as it is."""
        return KINDS[self.kind].single and self.short and not self.sealed

    @property
    def sealed(self) -> bool:
        """Whether what conditions compare is encrypted: of an address the region is not, and no table is compared."""
        return self.personal and not self.fact_path and KINDS[self.kind].single

    def setting(self, name: str) -> Any:
        """Return the definition's setting, or the type's default."""
        return self._settings[name]

    def check_definition(self) -> None:
        """Raise FieldError (field = the setting's name) when options or settings cannot work."""
        known = {one.name: one for one in self.settings}
        for name, value in self.spec.settings.items():
            if name not in known:
                raise FieldError(
                    _("“%(type)s” has no setting “%(name)s”.", type=self.label, name=name),
                    field=name, code="unknown_setting",
                )  # fmt: skip
            if value is not None:
                check_setting(known[name], value)
        if self.spec.options and not self.has_options:
            raise FieldError(_("“%(type)s” has no options.", type=self.label), field="options", code="no_options")

    def clean(self, raw: Any, context: Context) -> Any:
        """Return the canonical value of ``raw``; None when it is empty; FieldError when it cannot be one."""
        stored = self.stored(context)
        if stored is not None and (same(raw, stored) or same(raw, self.form_value(stored, context))):
            return stored
        return None if is_empty(raw) else self._read(raw, context)

    def _read(self, raw: Any, context: Context) -> Any:
        try:
            return self.read(raw, context)
        except FieldError:
            raise
        except DomainError as error:
            raise FieldError(error.refusals[0].message, code=error.refusals[0].code) from None

    def moved(self, raw: Any, held: Any, sign: int, context: Context) -> Any:
        """Return what ``held`` becomes when the amount ``raw`` comes in (``sign`` 1) or goes out (-1); 0: nothing.

        Of numbers that count, which `clean` takes no answer of then; a text becomes longer by what comes in. Templates
        let no step move another.
        """
        raise NotImplementedError

    def written(self, raw: Any) -> Any:
        """Return what `clean` takes of an answer a template's author wrote; amounts are written as people name them."""
        return raw

    def default(self, own: Any = None) -> Any:
        """Return what answers a new ticket, as `clean` takes it: a template's ``own`` default, or the definition's."""
        raw = self._settings.get("default") if own is None else own
        return None if raw is None else self.written(raw)

    def read(self, raw: Any, context: Context) -> Any:
        """Return the canonical value of ``raw``, which is not empty: the part of `clean` a type writes."""
        raise NotImplementedError

    def stored(self, context: Context) -> Any:
        """Return what the ticket holds for this field before the change."""
        return context.stored.get(self.spec.key)

    def form_field(self) -> Any:
        """Return the unbound WTForms field that reads this input, one text unless told; drawing is the partial's."""
        return TextInput()

    def form_value(self, value: Any, context: Context) -> Any:
        """Return what the input shows for ``value``: the inverse of reading the form."""
        del context
        return "" if value is None else str(value)

    def shown(self, value: Any, context: Context) -> str:
        """Return ``value`` as one line of plain text: list cell, history, CSV, PDF; "" for None."""
        return str(self.form_value(value, context))

    def in_full(self, value: Any, context: Context) -> str:
        """Return ``value`` as text with the lines it was written in: the ticket's page, its history, a document."""
        return self.shown(value, context)

    def grid(self, value: Any, context: Context) -> tuple[Sequence[str], Sequence[Sequence[str]]] | None:
        """Return headings and rows of a value that is a table, for documents; None: `shown` says it all."""
        del value, context
        return None

    def live(self, raw: Any, context: Context) -> Sequence[Mapping[str, str]]:
        """Return what follows from each part of ``raw`` while it is typed: the computed cells of a table's rows."""
        del raw, context
        return ()

    def excel_format_in(self, currency: str) -> str:
        """Return that format where amounts that name no currency are in this one."""
        del currency
        return self.excel_format

    def to_excel(self, value: Any, context: Context) -> Any:
        """Return a typed cell: str, int, Decimal, bool, date, time, datetime (naive, in the zone) or None."""
        return None if value is None else self.shown(value, context)

    def from_excel(self, cell: Any, context: Context) -> Any:
        """Return the canonical value of a cell; accepts what `to_excel` gives and what people type instead."""
        # A spreadsheet holds every number as a float.
        whole = isinstance(cell, float) and cell.is_integer() and abs(cell) <= MAX_WHOLE
        return self.clean(int(cell) if whole else cell, context)

    def to_json(self, value: Any, context: Context) -> Any:
        """Return ``value`` as programs are told it: exact, in the units people name, and masked where it must be."""
        masked = self.personal and not context.personal and value is not None
        return self.form_value(value, context) if masked else value

    def from_json(self, raw: Any, context: Context) -> Any:
        """Return what `clean` takes of what a program sends; what it was told, sent back, is what there was.

        Nothing is null, an empty text, or of the type itself: ``[]``, ``{}``. Of another type it is a mistake.
        """
        stored = self.stored(context)
        if stored is not None and same(raw, self.to_json(stored, context)):
            return stored
        if self.derived or self._is_nothing(raw):
            return raw
        sent = self.sent(raw, context)
        if is_empty(raw):
            # `clean` would take it for no answer, as of a form.
            self._read(sent, context)
        return sent

    def _is_nothing(self, raw: Any) -> bool:
        if raw is None or isinstance(raw, str):
            return is_empty(raw)
        schema = self.json_schema()
        if isinstance(raw, Mapping) and schema["type"] == "object":
            parts = {*map(type, raw.values())}
            return is_empty(raw) and raw.keys() <= schema["properties"].keys() and parts <= {str, NoneType}
        return raw == [] and schema["type"] == "array"

    def sent(self, raw: Any, context: Context) -> Any:
        """Return what `clean` takes of ``raw``, which is something: the part of `from_json` a type writes."""
        del context
        return raw

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of what `to_json` makes of a value."""
        raise NotImplementedError

    def answer_schema(self, context: Context) -> dict[str, Any]:
        """Return the schema of one answer for programs that fill it in: with what this definition asks of it."""
        told: dict[str, Any] = {"title": self.label_in(context.locale)}
        if help_text := label_in(self.spec.help, context.locale):
            told["description"] = help_text
        asked = self.json_schema() | self.limits(context)
        masked = self.personal and not context.personal and asked["type"] == "string"
        return told | ({"type": "string", "anyOf": [asked, MASKED]} if masked else asked)

    def limits(self, context: Context) -> dict[str, Any]:
        """Return the keywords of `answer_schema` that follow from settings; ``x-…`` where JSON schema has no word."""
        del context
        return {}

    def search_text(self, value: Any) -> str:
        """Return what the full-text search indexes, where `searchable`."""
        return value if isinstance(value, str) and not self.personal else ""

    def exact(self, value: Any) -> Sequence[str]:
        """Return what a ticket is found by although nobody may read it in an index: the whole of it, or nothing.

        Of types that are `personal`; each is kept as a blind index (see `Keyring`).
        """
        del value
        return ()

    def sought(self, text: str, context: Context) -> str:
        """Return the value of whoever asks for a sealed answer by ``text``; FieldError where it cannot be one."""
        del context
        return text

    def blind_index(self, value: str) -> str:
        """Return what is equal where sealed answers of this field are, as texts are compared (see `Keyring`)."""
        return KEYRING.blind_index(f"{self.spec.key} {folded(value)}")

    def files(self, value: Any) -> Sequence[int]:
        """Return the ids of the attachments in ``value``."""
        del value
        return ()

    def references(self, value: Any) -> Sequence[tuple[str, int | str]]:
        """Return (kind, key) of the things ``value`` points at, so that a page reads all labels at once."""
        del value
        return ()

    def naming(self, kind: str, key: int | str) -> Sequence[Any]:
        """Return what a stored value is, or holds, that points at a thing; see `app.core.sql.holds`."""
        del kind, key
        return ()

    def fact(self, value: Any) -> Any:
        """Return what conditions compare: the value itself unless only a part of it means something to them."""
        return value

    def operand(self, value: Any, context: Context) -> Any:
        """Return what a formula computes with: Decimal, str, bool, date, a list of rows, or None."""
        del context
        return value

    def inputs(self) -> frozenset[str]:
        """Return the keys of the fields a derived value follows from."""
        return frozenset()

    def derive(self, operands: Mapping[str, Any], context: Context) -> Any:
        """Return the canonical value of a derived field, from the operands of its `inputs`."""
        raise NotImplementedError

    def counters(self, context: Context) -> tuple[str, ...]:
        """Return the scopes of the running numbers such a field may take from ``context.sequence``."""
        del context
        return ()

    def seal(self, value: Any) -> Any:
        """Return ``value`` as it is stored; differs each time where the type is personal."""
        if value is None or not self.personal:
            return value
        return SEAL + KEYRING.encrypt(json.dumps(value, ensure_ascii=False))

    def open(self, stored: Any) -> Any:
        """Return the value that was sealed; a plain one (from before it was personal) is returned as it is."""
        if isinstance(stored, str) and stored.startswith(SEAL):
            return json.loads(KEYRING.decrypt(stored.removeprefix(SEAL)))
        return stored

    def condition_field(self) -> ConditionField:
        """Return how conditions know this field, under the name ``values.KEY``."""
        return ConditionField(f"values.{self.spec.key}", self.kind, self.spec.labels)

    def label_in(self, locale: str) -> str:
        """Return the field's label in ``locale``."""
        return label_in(self.spec.labels, locale)


def is_empty(raw: Any) -> bool:
    """Whether ``raw`` is no answer: nothing, white space, or a list or record of nothing."""
    if raw is None:
        return True
    if isinstance(raw, str):
        return not trimmed(raw)
    if isinstance(raw, Mapping):
        return all(is_empty(part) for part in raw.values())
    return isinstance(raw, list | tuple) and all(is_empty(part) for part in raw)


def same(raw: Any, value: Any) -> bool:
    """Whether two JSON values are equal and of one type: True is not 1."""
    return type(raw) is type(value) and bool(raw == value)


def as_text(raw: Any) -> str:
    """Return a text or a whole number (a spreadsheet's) as text; anything else is not an answer of one line."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 10**15:
        return str(int(raw))
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return str(raw)
    raise FieldError(_("Enter a text."), code="not_text")


def listed(items: Sequence[str], locale: str) -> str:
    """Return ``items`` as one line, joined as ``locale`` joins them."""
    return ("、" if locale.startswith("zh") else ", ").join(items)


def check_setting(declared: Setting, value: Any) -> None:
    """Raise FieldError when ``value`` is not of the setting's kind."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    fits = {
        "int": whole,
        "decimal": whole or isinstance(value, str),
        "text": isinstance(value, str) and len(value) <= LONGEST_SETTING,
        "formula": isinstance(value, str),
        "bool": isinstance(value, bool),
        "choice": value in declared.choices,
        "columns": isinstance(value, list | tuple),
    }
    if not fits.get(declared.kind, True):
        raise FieldError(
            _("“%(value)s” does not fit the setting “%(name)s”.", value=str(value)[:40], name=declared.label),
            field=declared.name,
            code="bad_setting",
        )
