"""The import wizard: upload, columns, values, check, run, result."""

from views.imports.check import ImportCheckView
from views.imports.jobs import ImportView
from views.imports.wizard import ImportWizardView

#: In the order of the site table.
IMPORT_VIEWS = (ImportView, ImportWizardView, ImportCheckView)

__all__ = ["IMPORT_VIEWS", "ImportCheckView", "ImportView", "ImportWizardView"]
