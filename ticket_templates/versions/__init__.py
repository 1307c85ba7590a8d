"""A template version, compiled: answers in, canonical values out."""

from ticket_templates.versions.cleaning import Cleaned, Cleaner
from ticket_templates.versions.compiled import CompiledSpec
from ticket_templates.versions.diff import Change, diff
from ticket_templates.versions.state_names import state_names
from ticket_templates.versions.version import CompiledVersion

__all__ = ["Change", "Cleaned", "Cleaner", "CompiledSpec", "CompiledVersion", "diff", "state_names"]
