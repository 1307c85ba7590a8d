"""The import wizard: upload, columns, check, run, result."""

from views.imports.jobs import ImportView
from views.imports.wizard import ImportWizardView

#: In the order of the site table.
IMPORT_VIEWS = (ImportView, ImportWizardView)

__all__ = ["IMPORT_VIEWS", "ImportView", "ImportWizardView"]
