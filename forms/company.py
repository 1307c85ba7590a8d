"""The form of the company: its attributes and its logo."""

from typing import Any

from wtforms import BooleanField, FileField

from app.company.profile import COMPANY
from forms.base import _
from forms.records import form_of

_Attributes: Any = form_of(COMPANY)


class CompanyForm(_Attributes):
    """What stands at the head of documents."""

    logo = FileField(
        _("Logo"), render_kw={"accept": ".png,.jpg,.jpeg,.webp,.gif,.bmp"},
        description=_("PNG or JPEG. A wide one on white or transparent ground prints best."),
    )  # fmt: skip
    without_logo = BooleanField(_("Print no logo"))
