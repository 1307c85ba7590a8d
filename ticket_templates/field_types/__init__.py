"""Field types: one class a file, registered by its stored name."""

from app.core.registry import Registry
from ticket_templates.field_types.base import FieldType

FIELD_TYPES: Registry[FieldType] = Registry(FieldType, __name__)
