"""Fills the desk's forms as a person does: reads which inputs a page shows and answers each."""

import io
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from PIL import Image

from tests.clients import Browser
from ticket_templates.field_types.base import FieldType
from ticket_templates.spec import Option

_ANSWERS = re.compile(r'<div class="span-\d+ ticket-answer" data-answer="([a-z0-9_]+)"([^>]*)>')
_TICKS = re.compile(r'name="check\.([a-z0-9_]+)"')
_HIDDEN = re.compile(
    r'<input type="hidden" name="(version|version_id|submission_key|template|confirmed)" value="([^"]*)"'
)
PICKED = ("assignee_id", "team_id", "outlet_id", "customer_id", "site_id")


def asked(html: str) -> list[str]:
    """The fields a form shows, hidden ones left out."""
    return [key for key, rest in _ANSWERS.findall(html) if " hidden" not in rest]


def hidden_inputs(html: str) -> dict[str, str]:
    return dict(_HIDDEN.findall(html))


def picture(colour: str = "red") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(stream, "PNG")
    return stream.getvalue()


def upload(client: Browser, name: str = "现场.png", content: bytes | None = None) -> Any:
    data = {"file": (io.BytesIO(picture() if content is None else content), name)}
    return client.post("/files/", data=data, content_type="multipart/form-data", headers={"Accept": "application/json"})


def problems(html: str) -> list[str]:
    """The lines of the error summary."""
    summary = re.search(r'data-testid="errors".*?</ul>', html, re.DOTALL)
    return (
        [" ".join(re.sub("<[^>]+>", " ", line).split()) for line in re.findall(r"<li>.*?</li>", summary[0])]
        if summary
        else []
    )


class Filler:
    """Answers inputs of any type; ``ids`` are things to point at, by kind."""

    def __init__(self, client: Browser, ids: Mapping[str, int]) -> None:
        self.client = client
        self.ids = ids

    def form(self, types: Mapping[str, FieldType], keys: Iterable[str]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key in keys:
            if not types[key].derived:
                data |= self.inputs(f"values.{key}", types[key])
        return data

    def inputs(self, name: str, ftype: FieldType) -> dict[str, Any]:
        raw = self.answer(ftype)
        if isinstance(raw, list) and raw and isinstance(raw[0], dict):
            return {f"{name}-{row}-{key}": value for row, cells in enumerate(raw) for key, value in cells.items()}
        if isinstance(raw, dict):
            return {f"{name}-{part}": value for part, value in raw.items()}
        return {name: raw}

    def answer(self, ftype: FieldType) -> Any:  # noqa: PLR0911 - one line a kind of input
        kind = ftype.name
        if ftype.spec.key in _PATTERNED:
            return _PATTERNED[ftype.spec.key]
        if kind in ("date", "datetime"):
            return self._day(ftype)
        if kind in ("choice", "radio"):
            return _first(ftype.spec.options).key
        if kind == "choices":
            return [_first(ftype.spec.options).key]
        if kind == "cascade":
            return _deepest(ftype.spec.options)
        if kind in ("file", "signature"):
            return [str(upload(self.client).json["id"])]
        if kind == "table":
            return [{one.key: self.answer(one.ftype) for one in ftype.columns if not one.ftype.derived}]  # type: ignore[attr-defined]
        if kind in ("user", "team", "customer", "product", "installed_product", "outlet"):
            return str(self.ids[kind])
        if kind in ("integer", "decimal", "money"):
            return str(max(1, int(float(ftype.spec.settings.get("min") or 0))))
        return _PLAIN.get(kind) or _plain_case(ftype)

    def _day(self, ftype: FieldType) -> str:
        """Return the company's day, whatever day the machine has, or one ahead where none that is past is taken."""
        house = self.client.application.extensions["gongdan"]
        day = house.transactions.today() + timedelta(days=_DAYS_AHEAD.get(ftype.spec.key, 0))
        return f"{day}" if ftype.name == "date" else f"{day}T00:00"


#: Fields of the packs that ask for a certain form.
_PATTERNED = {"ip_address": "192.168.1.20", "vin": "LSVAA2181C2157412"}
_DAYS_AHEAD = {"appointment_at": 1, "next_due_on": 90, "next_service_on": 90, "rectify_by_on": 7}
_PLAIN = {
    "time": "10:30",
    "phone": "13800138000",
    "email": "wang@example.com",
    "rating": "5",
    "yes_no": "yes",
    "text": "空调",
    "long_text": "开机不制冷",
}


def _plain_case(ftype: FieldType) -> Any:
    return next(case.raw for case in ftype.cases if case.value is not None and not case.settings)


def _first(options: Iterable[Option]) -> Option:
    return next(option for option in options if not option.retired)


def _deepest(options: Iterable[Option]) -> str:
    option = _first(options)
    return f"{option.key}/{_deepest(option.children)}" if option.children else option.key


def ticks(html: str) -> dict[str, str]:
    return {f"check.{key}": "1" for key in _TICKS.findall(html)}
