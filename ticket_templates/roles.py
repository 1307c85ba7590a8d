"""How messages of the workflow call the roles every installation has; others are called by their stored name."""

from collections.abc import Iterable, Mapping
from typing import Final

from app.core.i18n import Label, Message, listing

ROLE_LABELS: Final[Mapping[str, Label]] = {
    "administrator": {"zh_Hans": "管理员", "zh_Hant": "管理員", "en": "Administrator"},
    "template_designer": {"zh_Hans": "模板设计师", "zh_Hant": "範本設計師", "en": "Template designer"},
    "dispatcher": {"zh_Hans": "调度员", "zh_Hant": "調度員", "en": "Dispatcher"},
    "clerk": {"zh_Hans": "客服", "zh_Hant": "客服", "en": "Clerk"},
    "technician": {"zh_Hans": "师傅", "zh_Hant": "師傅", "en": "Technician"},
    "outlet_manager": {"zh_Hans": "网点经理", "zh_Hant": "網點經理", "en": "Outlet manager"},
    "qa": {"zh_Hans": "质检员", "zh_Hant": "質檢員", "en": "Quality assurance"},
    "finance": {"zh_Hans": "财务", "zh_Hant": "財務", "en": "Finance"},
    "auditor": {"zh_Hans": "审计员", "zh_Hant": "稽核員", "en": "Auditor"},
}


def role_names(roles: Iterable[str]) -> Message:
    """Return the roles' labels as one list in the reader's language."""
    return listing(ROLE_LABELS.get(role, role) for role in sorted(roles))
