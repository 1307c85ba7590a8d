"""What several answers may not say together, and what they rarely say: the checks of a template."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from app.core.errors import Refusal
from app.core.formula import Formula
from app.core.i18n import Message
from ticket_templates.facts import CHECKED_MOMENTS, Said, numbered
from ticket_templates.field_types.base import Context
from ticket_templates.spec import Check

if TYPE_CHECKING:
    from ticket_templates.versions.compiled import CompiledSpec

#: The code of what is taken once somebody says that it is right.
DOUBTED: Final = "needs_confirmation"


class Refused(tuple[Refusal, ...]):
    """Why an answer is no value, never taken for one: a table is refused at each of its cells."""

    __slots__ = ()


def refused(message: Message, key: str, code: str) -> Refused:
    """Return the one refusal of an answer."""
    return Refused((Refusal(message, key, code),))


class Checker:
    """Asks the checks of one version for one person."""

    def __init__(self, rules: "CompiledSpec", context: Context) -> None:
        self._rules = rules
        self._context = context
        self._today = context.now.astimezone(context.zone).date()

    def checked(
        self, checks: Collection[tuple[Check, Formula]], values: Mapping[str, Any], stored: Mapping[str, Any],
        moments: Mapping[str, Any], unknown: Collection[str],
    ) -> dict[str, Refused]:  # fmt: skip
        """Return what several answers say together and may not, or rarely do; what stood so before may stay.

        Of answers that nobody could read, and what follows from them, nothing is said.
        """
        refusals: dict[str, Refused] = {}
        for check, formula in checks:
            if values.get(check.field) is None or check.field in unknown or not formula.names.isdisjoint(unknown):
                continue
            if any(values.get(name) != stored.get(name) for name in formula.names if name in self._rules.types):
                refusals.update(self.judged(check, formula, values, moments))
        return refusals

    def doubted(
        self, values: Mapping[str, Any], stored: Mapping[str, Any], moments: Mapping[str, Any],
        unknown: Collection[str], *, moves: Mapping[str, int], step: str,
    ) -> dict[str, Refused]:  # fmt: skip
        """Return what is doubted of several answers, with a ``step`` or without one."""
        rules = self._rules
        # Too much that becomes less is no cause to ask, unless the doubt is of this very step.
        lowered = {key for key, sign in moves.items() if sign < 0}
        anyhow = self.checked(rules.doubts, values, stored, moments, {*unknown, *lowered} if lowered else unknown)
        if (with_it := rules.doubts_with.get(step)) is None:
            return anyhow
        return anyhow | self.checked(with_it, values, stored, moments, unknown)

    def judged(
        self, check: Check, formula: Formula, values: Mapping[str, Any], moments: Mapping[str, Any]
    ) -> dict[str, Refused]:
        """Return the refusal of one check at its field, or nothing."""
        types = self._rules.types
        if values.get(check.field) is None:
            return {}
        operands = {
            name: types[name].operand(values.get(name), self._context) for name in formula.names if name in types
        }
        operands |= {name: moments[name] for name in formula.names & CHECKED_MOMENTS}
        if formula.value(operands, self._today) is not True:
            return {}
        if check.refuse_when:
            return {check.field: refused(Said.of(check.message), check.field, "check")}
        said = numbered(check.message, types, values, self._context)
        return {check.field: refused(Said.of(said), check.field, DOUBTED)}
