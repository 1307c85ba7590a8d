"""How the parts of a template are read and written as plain data: the one description of a pack's form."""

import re
from typing import Any, Final

from app.core.i18n import _
from ticket_templates.codec import (
    Flag,
    LabelText,
    ListOf,
    OneOf,
    Optional,
    Path,
    Plain,
    PlainMapping,
    Problem,
    Shape,
    Text,
    Whole,
)
from ticket_templates.spec.parts import (
    Check,
    ChecklistItem,
    FieldSpec,
    FieldUse,
    Numbering,
    Option,
    PrintLayout,
    Section,
)
from ticket_templates.spec.workflow import CATEGORIES, Need, SetField, State, Transition, Workflow

MOST_FIELDS: Final = 300
MOST_OPTIONS: Final = 5000
MOST_STATES: Final = 60
MOST_TRANSITIONS: Final = 300

#: Keys of fields, options, sections, states, transitions, checklist items and templates.
KEY: Final = Text(
    60,
    pattern=re.compile(r"[a-z][a-z0-9_]*"),
    shape=_("a key of small letters, digits and _ that begins with a letter"),
)
#: States and transitions are stored in narrower columns.
SHORT_KEY: Final = Text(40, pattern=KEY.pattern, shape=KEY.shape)
#: Options may be called what the outside world calls them: E-07, 3.1.
OPTION_KEY: Final = Text(
    60, pattern=re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*"), shape=_("a key of letters, digits and _ . -")
)
COLOR: Final = Text(20, pattern=re.compile(r"[a-z0-9-]*"), shape=_("the name of a colour, e.g. blue"))
LABEL: Final = LabelText(120)
HELP: Final = LabelText(1000, empty=True, lines=True)
MESSAGE: Final = LabelText(300)
TREE: Final = PlainMapping()
CONDITION: Final = Optional(TREE)
ROLES: Final = ListOf(Text(64, empty=False), 50, unordered=True)


class _Options(ListOf):
    """Options in options: a cascade."""

    def __init__(self) -> None:
        super().__init__(Plain(), MOST_OPTIONS)

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> Any:
        return ListOf(OPTION, MOST_OPTIONS).read(raw, path, problems)

    def write(self, value: Any) -> list[Any]:
        return ListOf(OPTION, MOST_OPTIONS).write(value)


OPTIONS: Final = _Options()
OPTION: Final = Shape(Option, key=OPTION_KEY, labels=LABEL, color=COLOR, retired=Flag(), children=OPTIONS)
FIELD: Final = Shape(
    FieldSpec,
    key=KEY,
    type=Text(40, empty=False),
    labels=LABEL,
    help=HELP,
    options=OPTIONS,
    settings=PlainMapping(),
    indexed=Flag(),
)
USE: Final = Shape(
    FieldUse,
    field=KEY,
    required=Flag(),
    required_when=CONDITION,
    visible_when=CONDITION,
    read_only=Flag(),
    default=Plain(),
    default_from=Text(60),
    width=Whole(1, 12),
    read_roles=ROLES,
    write_roles=ROLES,
    editable_in=ListOf(SHORT_KEY, MOST_STATES),
    lowered_in=ListOf(SHORT_KEY, MOST_STATES),
)
SECTION: Final = Shape(Section, key=KEY, labels=LABEL, on_create=Flag(), fields=ListOf(USE, MOST_FIELDS))
STATE: Final = Shape(
    State,
    key=SHORT_KEY,
    labels=LABEL,
    category=OneOf(CATEGORIES),
    color=COLOR,
    limit_minutes=Optional(Whole(1, 5_256_000)),
    editable_by=ROLES,
    awaits=ROLES,
    awaits_when=CONDITION,
    awaits_always=ROLES,
)
TRANSITION: Final = Shape(
    Transition,
    key=SHORT_KEY,
    labels=LABEL,
    sources=ListOf(SHORT_KEY, MOST_STATES),
    target=SHORT_KEY,
    roles=ROLES,
    required=ListOf(KEY, MOST_FIELDS),
    required_when=ListOf(Shape(Need, fields=ListOf(KEY, MOST_FIELDS), when=TREE), 50),
    guard=CONDITION,
    guard_first=Flag(),
    message=LabelText(300, empty=True),
    note_required=Flag(),
    note_labels=LabelText(120, empty=True),
    checklist=Flag(),
    clears=ListOf(KEY, MOST_FIELDS),
    sets=ListOf(Shape(SetField, field=KEY, formula=Text(1000, empty=False)), 50),
    shows=ListOf(KEY, MOST_FIELDS),
    other_than=ListOf(SHORT_KEY, MOST_TRANSITIONS),
    after=ListOf(SHORT_KEY, MOST_TRANSITIONS),
    adds=ListOf(KEY, MOST_FIELDS),
    takes_off=ListOf(KEY, MOST_FIELDS),
    amount_labels=LabelText(120, empty=True),
)
WORKFLOW: Final = Shape(
    Workflow, initial=SHORT_KEY, states=ListOf(STATE, MOST_STATES), transitions=ListOf(TRANSITION, MOST_TRANSITIONS)
)
ITEM: Final = Shape(ChecklistItem, key=KEY, labels=LABEL, required=Flag(), when=CONDITION)
CHECK: Final = Shape(
    Check, field=KEY, refuse_when=Text(1000), warn_when=Text(1000), message=MESSAGE, steps=ListOf(KEY, 50)
)
NUMBERING: Final = Shape(Numbering, pattern=Text(60, empty=False))
PRINT: Final = Shape(
    PrintLayout,
    title=LABEL,
    sections=ListOf(KEY, 50),
    photos=Flag(),
    checklist=Flag(),
    signature=Flag(),
    footer=HELP,
)
