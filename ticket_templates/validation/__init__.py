"""Whether the parts of a spec fit together.

Each problem names its path, so that a pack's line or a designer's input can be marked; what is valid here can
be compiled and worked with.
"""

from collections.abc import Collection

from app.core.money import USUAL_CURRENCY
from ticket_templates.codec import Problem, ProblemsError
from ticket_templates.spec import TemplateSpec
from ticket_templates.validation.fields import field_problems
from ticket_templates.validation.flow import flow_problems
from ticket_templates.validation.layout import layout_problems
from ticket_templates.validation.trees import tree_problems


def problems_of(spec: TemplateSpec, roles: Collection[str], currency: str = USUAL_CURRENCY) -> list[Problem]:
    """Return all that is wrong with ``spec`` where there are these ``roles``, by name; ``currency``: the company's."""
    problems = [*field_problems(spec, roles), *flow_problems(spec, roles), *layout_problems(spec)]
    if not any(one.path[0] == "fields" for one in problems):
        # Conditions are read against the fields, which must make sense first.
        problems += tree_problems(spec, currency)
    return problems


def ensure_valid(spec: TemplateSpec, roles: Collection[str], currency: str = USUAL_CURRENCY) -> None:
    """Raise ProblemsError when anything is wrong with ``spec``."""
    if problems := problems_of(spec, roles, currency):
        raise ProblemsError(problems)
