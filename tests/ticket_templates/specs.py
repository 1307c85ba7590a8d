"""A small template for tests, and changes of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.core.permissions import SYSTEM, Actor, Scope
from ticket_templates.field_types.base import Context
from ticket_templates.spec import TemplateSpec, from_json
from ticket_templates.versions import CompiledSpec, CompiledVersion

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
CONTEXT = Context(now=NOW, zone=ZoneInfo("Asia/Shanghai"), locale="en")
FACTS = {"state": "new", "category": "new", "priority": 3, "channel": "desk"}


def label(text: str) -> dict[str, str]:
    return {"zh_Hans": text, "zh_Hant": text, "en": text}


def data() -> dict[str, Any]:
    """Return a repair in few fields: conditions, a computed fee, roles, a guard, a checklist."""
    return {
        "fields": [
            {"key": "problem", "type": "text", "labels": label("Problem")},
            {"key": "outcome", "type": "choice", "labels": label("Outcome"), "options": [
                {"key": "fixed", "labels": label("Fixed")},
                {"key": "scrap", "labels": label("Scrap")},
                {"key": "old", "labels": label("Old"), "retired": True}]},
            {"key": "why", "type": "text", "labels": label("Why")},
            {"key": "labour", "type": "money", "labels": label("Labour")},
            {"key": "travel", "type": "money", "labels": label("Travel")},
            {"key": "total", "type": "computed", "labels": label("Total"),
             "settings": {"formula": "sum(labour, travel)", "result": "money"}},
            {"key": "secret", "type": "text", "labels": label("Secret")},
            {"key": "fixed_note", "type": "text", "labels": label("Note")},
        ],
        "sections": [
            {"key": "report", "labels": label("Report"), "fields": [
                {"field": "problem", "required": True},
                {"field": "travel", "default": "20"},
                {"field": "fixed_note", "read_only": True, "default": "from the template"}]},
            {"key": "work", "labels": label("Work"), "on_create": False, "fields": [
                {"field": "outcome", "required": True},
                {"field": "why", "visible_when": {"field": "values.outcome", "op": "is", "value": "scrap"},
                 "required_when": {"field": "values.outcome", "op": "is", "value": "scrap"}},
                {"field": "labour"},
                {"field": "total"},
                {"field": "secret", "read_roles": ["qa"], "write_roles": ["qa"]}]},
        ],
        "workflow": {
            "initial": "new",
            "states": [
                {"key": "new", "labels": label("New"), "category": "new", "limit_minutes": 30},
                {"key": "doing", "labels": label("Doing"), "category": "open"},
                {"key": "done", "labels": label("Done"), "category": "resolved"},
                {"key": "closed", "labels": label("Closed"), "category": "closed"}],
            "transitions": [
                {"key": "start", "labels": label("Start"), "sources": ["new"], "target": "doing",
                 "required": ["assignee"]},
                {"key": "finish", "labels": label("Finish"), "sources": ["doing"], "target": "done",
                 "roles": ["technician"], "required": ["labour"], "checklist": True},
                {"key": "back", "labels": label("Back"), "sources": ["done"], "target": "doing",
                 "note_required": True},
                {"key": "close", "labels": label("Close"), "sources": ["done"], "target": "closed",
                 "guard": {"none": [{"field": "values.total", "op": "is_at_least", "value": 1000}]}}],
        },
        "checklist": [{"key": "tested", "labels": label("Tested")},
                      {"key": "washed", "labels": label("Washed"), "required": False}],
        "numbering": {"pattern": "T-{yyyy}-{seq:3}"},
        "subject": "{outcome}: {problem}",
        "print": {"title": label("Report"), "sections": ["work"]},
    }  # fmt: skip


def spec() -> TemplateSpec:
    return from_json(data())


def version(of: TemplateSpec | None = None, **changes: Any) -> CompiledVersion:
    made = CompiledVersion(1, 1, 1, "small", label("Small"), withdrawn=False, rules=CompiledSpec(of or spec()))
    return replace(made, **changes)


def person(*roles: str, permissions: frozenset[str] = frozenset()) -> Actor:
    return Actor(7, "Ann", frozenset(roles), permissions, Scope.ALL)


DESIGNER = person(
    "template_designer",
    permissions=frozenset({"template.design", "field.design", "template.read", "template.export"}),
)
__all__ = ["CONTEXT", "DESIGNER", "FACTS", "NOW", "SYSTEM", "data", "label", "person", "spec", "version"]
