"""The screens of ticket templates and of the field library: read, compare, import, export, withdraw."""

from views.templates.fields import FieldView
from views.templates.pages import TemplateView

#: In the order of the site table.
TEMPLATE_SCREENS = (TemplateView, FieldView)

__all__ = ["TEMPLATE_SCREENS", "FieldView", "TemplateView"]
