"""JSON schemas of what the API takes and gives: the document shows them, and requests are checked against them."""

from collections.abc import Mapping
from typing import Any, Final

from app.conditions.tree import JOINTS, MAX_LEAVES, MAX_LEVELS
from app.desk.service import LONGEST_NAME
from app.desk.service import LONGEST_QUERY as LONGEST_LIST
from app.people.tags import LONGEST as LONGEST_TAG
from app.tickets.change.plan import ASKABLE
from app.tickets.change.tags import MOST as MOST_TAGS
from app.tickets.change.wished_columns import LARGEST_ID, LONGEST_NOTE, LONGEST_REASON, LONGEST_SUBJECT
from app.tickets.columns import COLUMNS
from app.tickets.links.kinds import ENDS
from app.tickets.priorities import PRIORITIES
from app.tickets.queries.counting import PATIENCE
from app.tickets.queries.selection import LARGEST_PAGE, MOST_CHOSEN
from app.tickets.search import LONGEST_QUERY
from ticket_templates.spec import CATEGORIES
from views.api.v1.shown import FIELD, INSTANTS, PARTS

Schema = dict[str, Any]
_SMALL: Final = 2**31 - 1
_FILES: Final = 50
_VERSION: Final[Mapping[str, Any]] = {"type": "integer", "minimum": 1, "maximum": _SMALL}

#: The id of a place, or a word.
_PLACE: Final[Schema] = {"type": ["integer", "string"], "minimum": 1, "maximum": _SMALL}

TEXT: Final[Schema] = {"type": "string"}
MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
YES_NO: Final[Schema] = {"type": "boolean"}
ID: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
WHOLE: Final[Schema] = {"type": "integer", "minimum": 0}
INSTANT: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
OBJECT: Final[Schema] = {"type": "object"}
KEY: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 60}


def listed(items: Schema, most: int | None = None) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items} | ({"maxItems": most} if most is not None else {})


def record(properties: Mapping[str, Schema], required: Any = None, *, closed: bool = True) -> Schema:
    """Return the schema of an object, all of whose properties are there unless told otherwise."""
    names = list(properties if required is None else required)
    schema: dict[str, Any] = {"type": "object", "properties": dict(properties), "required": names}
    return schema | ({"additionalProperties": False} if closed else {})


def one_of(name: str) -> Schema:
    """Return the reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


#: By name; one that is new is made, if who asks may do that.
_TAGS: Final[Schema] = listed({"type": "string", "minLength": 1, "maxLength": LONGEST_TAG}, MOST_TAGS)


def _field(name: str) -> Schema:
    if name == "subject":
        return {"type": ["string", "null"], "maxLength": LONGEST_SUBJECT}
    if name == "tags":
        return {"anyOf": [_TAGS, {"type": "null"}, record({"add": _TAGS, "remove": _TAGS}, ())]}
    if name == "priority":
        return {"type": "integer", "enum": list(PRIORITIES), "description": "1 urgent, 2 high, 3 normal, 4 low"}
    return {"type": ["integer", "null"], "minimum": 1, "maximum": LARGEST_ID}


FIELDS: Final[Schema] = record({name: _field(name) for name in ASKABLE}, ())
#: As they are answered: tags by name.
_FIELDS_READ: Final[Schema] = record({**FIELDS["properties"], "tags": listed(TEXT)}, ())
ANSWERS: Final[Schema] = {
    "type": "object",
    "description": "By the key of the field, as its schema in /templates/{key} says; null empties it. Amounts and "
    "decimals are decimal texts in whole units (“12.50”); a JSON number is refused there.",
    "maxProperties": 500,
}
NOTE_WISH: Final[Schema] = record(
    {
        "body": {"type": "string", "maxLength": LONGEST_NOTE, "description": "Markdown"},
        "public": {"type": "boolean", "default": False, "description": "Whether the customer may read it"},
        "files": listed(ID, _FILES) | {"description": "Ids of uploads"},
    },
    (),
)
CONFIRM: Final[Schema] = {
    "type": "boolean", "default": False,
    "description": "Take what the template doubts, and the answers that change with another customer or product; "
    "without it that is refused as `needs_confirmation`",
}  # fmt: skip
CREATE: Final[Schema] = record(
    {"template": KEY, "fields": FIELDS, "answers": ANSWERS, "note": NOTE_WISH, "confirm": CONFIRM}, ("template",)
)
#: A ticket that was opened.
MADE: Final[Schema] = {"anyOf": [one_of("Ticket"), one_of("Made")]}
CHECKLIST: Final[Schema] = {"type": "object", "additionalProperties": YES_NO, "maxProperties": 100}
_CHANGES: Final[Mapping[str, Schema]] = {
    "fields": FIELDS,
    "answers": ANSWERS,
    "checklist": CHECKLIST,
    "note": NOTE_WISH,
    "reason": {"type": "string", "maxLength": LONGEST_REASON, "description": "Why it is handed over"},
}
CHANGE: Final[Schema] = record({**_CHANGES, "confirm": CONFIRM}, ()) | {"minProperties": 1}
#: Tickets of one wish: what takes longer is work for a job.
MOST_AT_ONCE: Final = 500
BULK: Final[Schema] = record(
    {
        "tickets": listed(
            record({"number": KEY, "version": {"type": "integer", "minimum": 1, "maximum": _SMALL}}, ("number",)),
            MOST_AT_ONCE,
        )
        | {"minItems": 1, "description": "With `version`, only while it is that"},
        **_CHANGES,
        "transition": KEY,
    },
    ("tickets",),
)
LINK_WISH: Final[Schema] = record(
    {
        "kind": {"type": "string", "enum": list(ENDS), "description": "What the other ticket is to this one"},
        "number": KEY,
    }
)
_VIEW: Final[Mapping[str, Schema]] = {
    "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    "audience": {"type": "string", "enum": ["mine", "team", "all"]},
    "team": {"type": ["integer", "null"], "minimum": 1, "maximum": _SMALL},
    "query": {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": LONGEST_LIST},
        "maxProperties": 40,
        "description": "The list, as its address on the desk says it",
    },
}
VIEW: Final[Schema] = record(_VIEW, ("name",))
VIEW_CHANGE: Final[Schema] = record(_VIEW, ()) | {"minProperties": 1}
STEP_WISH: Final[Schema] = record({
    "fields": FIELDS,
    "answers": ANSWERS | {
        "description": "Of a field the step adds to or takes off: what comes in or goes out this time, no sum",
    },
    "checklist": CHECKLIST, "note": NOTE_WISH, "confirm": CONFIRM,
}, ())  # fmt: skip

SORTS: Final = tuple(name for name, one in COLUMNS.items() if one.sortable)
PART: Final[Schema] = {
    "anyOf": [
        {"enum": [*PARTS, *(FIELD + name for name in ASKABLE)]},
        {"type": "string", "pattern": r"^answers\.[a-z0-9_]{1,60}$"},
    ]
}
#: A tree as it comes in: what is wrong with it, the language's own parser says at its place.
WHERE: Final[Schema] = {
    "type": "object", "description": "A tree of the condition language; amounts and decimals as in answers",
}  # fmt: skip
#: The same in the document.
TREE: Final[Schema] = one_of("Condition")
#: What a list asks for, in an address or a body.
QUERY: Final[Mapping[str, Schema]] = {
    "where": WHERE,
    "q": {"type": "string", "maxLength": LONGEST_QUERY, "description": "Words, a number, a telephone or serial number"},
    "state": listed({"type": "string", "maxLength": 40}, MOST_CHOSEN),
    "category": listed({"type": "string", "enum": list(CATEGORIES)}, MOST_CHOSEN),
    "template": listed(KEY, MOST_CHOSEN),
    "priority": listed({"type": "integer", "enum": list(PRIORITIES)}, MOST_CHOSEN),
    "assignee": {"type": "string", "pattern": "^(me|none|[1-9][0-9]{0,9})$"},
    "team": _PLACE | {"pattern": "^mine$", "description": "An id, or “mine”: those of one's own teams"},
    "outlet": _PLACE | {"pattern": "^none$", "description": "An id, or “none”: those of no outlet"},
    "customer": ID,
    "installed_product": ID,
    "tag": {"type": "string", "minLength": 1, "maxLength": LONGEST_TAG, "description": "By its name"},
    "overdue": YES_NO,
    "due": {"type": "string", "enum": ["today"], "description": "Those whose limit ends today, by the company's day"},
    "reopened": YES_NO | {"description": "Those that came back to work after they had been resolved or closed"},
    "source": {"type": "string", "maxLength": 60},
    "sort": {
        "type": "string",
        "pattern": rf"^-?({'|'.join(SORTS)}|answers\.[a-z0-9_]{{1,60}})$",
        "description": "“-”: largest, newest first; what is not filled comes last. Refused where too many tickets "
        "would have to be put in order. Without one the newest come first; of more than 2,000 that `q` finds, those "
        "entered last",
    },
    "only": listed(PART, 100) | {"description": "The parts to be answered; all unless told"},
    "count": {
        "type": "string",
        "enum": ["about", "exact"],
        "default": "about",
        "description": f"“exact”: every one is counted, for {PATIENCE:g} seconds at the most; the answer's count tells "
        "whether it is exact",
    },
    "cursor": {"type": "string", "maxLength": 1000, "description": "From next_cursor or previous_cursor"},
    "size": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 25},
}
SEARCH: Final[Schema] = record(QUERY, ())
#: What a list asks for that says itself which tickets are in it.
PAGE: Final[Mapping[str, Schema]] = {name: QUERY[name] for name in ("only", "count", "cursor", "size")}
TIMELINE_QUERY: Final[Mapping[str, Schema]] = {
    "before": {"type": "string", "maxLength": 100, "description": "The cursor of the last entry seen"},
    "size": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 50},
}

_TICKET_PARTS: Final[Mapping[str, Schema]] = {
    "number": TEXT, "version": {"type": "integer", "minimum": 1}, "template": TEXT, "template_version": WHOLE,
    "state": TEXT, "category": {"type": "string", "enum": list(CATEGORIES)}, "channel": TEXT,
    "fields": _FIELDS_READ,
    "answers": ANSWERS,
    "masked": listed(TEXT) | {"description": "Answers you see a mask of; sent back they stay as they are"},
    "checklist": listed(TEXT) | {"description": "The items that are ticked"},
    "created_by_id": {"type": ["integer", "null"]},
    **dict.fromkeys(INSTANTS, INSTANT),
    "external_source": MAYBE_TEXT, "external_id": MAYBE_TEXT,
    "labels": {"type": "object", "additionalProperties": TEXT, "description": "In your language"},
}  # fmt: skip
_ERROR: Final = record({"field": TEXT, "pointer": TEXT, "message": TEXT, "code": TEXT})
_VIEW_READ: Final = record({
    "id": ID, **_VIEW, "default_roles": listed(TEXT), "version": {"type": "integer", "minimum": 1}, "yours": YES_NO,
})  # fmt: skip
_FILE: Final = record({"id": ID, "filename": TEXT, "media_type": TEXT, "size_bytes": WHOLE})
_LABELLED: Final[Mapping[str, Schema]] = {"key": TEXT, "label": TEXT}
_TARGET: Final[Schema] = {**MAYBE_TEXT, "description": "The state it leads to; null: the ticket stays where it is"}
_MOVED: Final[Mapping[str, Schema]] = {
    "adds": listed(TEXT) | {"description": "Fields whose answer with the step is what comes in, added"},
    "takes_off": listed(TEXT) | {"description": "Fields whose answer with the step is what goes out, taken off"},
    "sets": listed(TEXT) | {"description": "Fields the step answers by itself"},
}
_PERSON: Final[Schema] = {
    "anyOf": [{"type": "null"}, record({"id": {"type": "integer"}, "name": TEXT})],
}
_JOINED: Final[Schema] = listed(TREE)
_LEAF: Final[Schema] = record({
    "field": TEXT | {"description": "As /conditions/fields names it"},
    "op": TEXT | {"description": "One of the field's operators"},
    "value": {"description": "What the operator takes: nothing, one value, a list, two ends, a length of time"},
}, ("field", "op"))  # fmt: skip
#: What conditions are made of.
_CONDITIONS: Final[Mapping[str, Schema]] = {
    "Condition": {
        "anyOf": [*(record({joint: _JOINED}) for joint in JOINTS), _LEAF],
        "description": f"“all”, “any” or “none” of a list of conditions, or one question about one field: at most "
        f"{MAX_LEAVES} of them, {MAX_LEVELS} levels deep",
    },
    "ConditionFields": record({
        "fields": listed(record({
            **_LABELLED, "group": TEXT, "kind": TEXT, "operators": listed(TEXT),
            "options": {"type": ["array", "null"], "items": record({"value": {}, "label": TEXT}),
                        "description": "What it can be compared with; null: anything of its kind"},
            "refers_to": {**MAYBE_TEXT, "description": "Of a reference: the kind of thing whose id it is"},
            "scale": {"type": ["integer", "null"], "description": "Decimal places of its decimal texts"},
        })),
        "operators": listed(record({
            **_LABELLED, "takes": {"enum": ["nothing", "one", "many", "ends", "span", "period", "text"]},
        })),
        "periods": listed(record(_LABELLED)) | {"description": "Stretches of the calendar a period operator takes"},
        "starts": listed(record(_LABELLED)) | {"description": 'What `{"start_of": …}` can name in place of a time'},
        "units": listed(TEXT) | {"description": 'Of lengths of time: “7d”, `{"now": "-3d"}`'},
        "zone": TEXT,
    }),
}  # fmt: skip
#: What the API speaks of, by name.
COMPONENTS: Final[Mapping[str, Schema]] = {
    **_CONDITIONS,
    "Problem": {
        **record(
            {
                "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "request_id": TEXT,
                "errors": listed(_ERROR),
            },
            ("type", "title", "status", "detail"), closed=False,
        ),
        "description": "RFC 9457; `errors` tell what is wrong at which place, in your language",
    },
    "Ticket": record(_TICKET_PARTS),
    "Made": record({"number": TEXT, "version": {"type": "integer", "minimum": 1}})
    | {"description": "To who may not read tickets"},
    "TicketParts": record(_TICKET_PARTS, ()),
    "Tickets": record({
        "items": listed(one_of("TicketParts")),
        "count": record({"number": WHOLE, "exact": YES_NO, "about": YES_NO}),
        "next_cursor": MAYBE_TEXT, "previous_cursor": MAYBE_TEXT,
    }),
    "Changed": record({"items": listed(record({
        "number": TEXT, "status": {"type": "string", "enum": ["changed", "unchanged", "refused"]},
        "version": {"type": ["integer", "null"], "description": "Now; null: not within your reach"},
        "errors": listed(_ERROR),
        "doubts": listed(_ERROR) | {"description": "What the template doubts and was taken all the same"},
    }))}),
    "Links": record({"items": listed(record({
        "kind": {"type": "string", "enum": list(ENDS)}, "label": TEXT, "number": TEXT, "subject": MAYBE_TEXT,
        "state": TEXT, "category": {"type": "string", "enum": list(CATEGORIES)}, "removable": YES_NO,
    }))}),
    "View": _VIEW_READ,
    "Views": record({"items": listed(one_of("View"))}),
    "Done": record({"done": YES_NO}),
    "File": _FILE,
    "Files": record({"items": listed(one_of("File"))}),
    "Step": record({
        **_LABELLED, "target": _TARGET, "open": YES_NO, "reasons": listed(TEXT), "missing": listed(TEXT),
        "unticked": listed(TEXT), "note_required": YES_NO, "clears": listed(TEXT), **_MOVED,
        "asks": record({
            "fields": listed(TEXT), "answers": listed(TEXT), "checklist": YES_NO,
            "when": OBJECT | {"description": "Of what is asked for only while a condition holds, that condition"},
        }),
    }),
    "Steps": record({"items": listed(one_of("Step"))}),
    "Note": record({
        "id": ID, "at": INSTANT, "by": _PERSON, "body": TEXT, "public": YES_NO, "files": listed(one_of("File")),
    }),
    "Notes": record({"items": listed(one_of("Note")), "next_before": MAYBE_TEXT}),
    "Entry": record({
        "id": ID, "kind": TEXT, "at": INSTANT, "by": _PERSON, "cause": OBJECT, "transition": MAYBE_TEXT,
        "changes": listed(record({
            "field": TEXT, "label": TEXT, "old": TEXT, "new": TEXT,
            "moved": {**MAYBE_TEXT, "description": "What came in (+) or went out (−) with the step, of an amount"},
        })),
        "body": TEXT, "public": YES_NO, "files": listed(one_of("File")),
    }),
    "Entries": record({"items": listed(one_of("Entry")), "next_before": MAYBE_TEXT}),
    "TemplateCard": record({
        **_LABELLED, "description": TEXT, "version": {"type": ["integer", "null"]}, "withdrawn": YES_NO,
    }),
    "TemplateCards": record({"items": listed(one_of("TemplateCard"))}),
    "Template": record({
        **_LABELLED, "version": WHOLE, "withdrawn": YES_NO, "required_fields": listed(TEXT),
        "sections": listed(record({**_LABELLED, "on_create": YES_NO, "fields": listed(TEXT)})),
        "fields": listed(record({
            **_LABELLED, "help": TEXT, "type": TEXT, "required": YES_NO, "writable": YES_NO, "personal": YES_NO,
            "visible_when": {"type": ["object", "null"]}, "required_when": {"type": ["object", "null"]},
            "editable_in": listed(TEXT) | {"description": "States in which it may change; none: all"},
            "lowered_in": listed(TEXT) | {"description": "It only grows but in these states; none: it may change"},
            "options": listed(OBJECT), "schema": {"type": "object", "description": "JSON schema of an answer"},
        })),
        "initial": TEXT,
        "states": listed(record({
            **_LABELLED, "category": {"type": "string", "enum": list(CATEGORIES)},
            "kept": listed(TEXT) | {"description": "Answers that may be changed there, not emptied"},
        })),
        "transitions": listed(record({
            **_LABELLED, "sources": listed(TEXT), "target": _TARGET, "required": listed(TEXT), "note_required": YES_NO,
            "after": listed(TEXT) | {"description": "Steps one of which was taken on the ticket before"},
            "other_than": listed(TEXT) | {"description": "Steps whose last taker does not take this one"},
            **_MOVED,
        })),
        "checklist": listed(record({**_LABELLED, "required": YES_NO})),
    }),
}  # fmt: skip
