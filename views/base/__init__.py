"""What every view stands on. Import from here: the classes, the decorators, and who is asking."""

from flask_appbuilder import expose

from views.base.answers import current_locale, problem, say, wants_fragment, wants_json
from views.base.guard import permission, public, safe_next, signed_in
from views.base.house_view import HouseView, reading_along
from views.base.interface import HouseInterface
from views.base.model_api import HouseModelApi
from views.base.model_view import HouseModelView
from views.base.person import NOBODY, actor, current_actor, current_person, forget_person, house

__all__ = [
    "NOBODY",
    "HouseInterface",
    "HouseModelApi",
    "HouseModelView",
    "HouseView",
    "actor",
    "current_actor",
    "current_locale",
    "current_person",
    "expose",
    "forget_person",
    "house",
    "permission",
    "problem",
    "public",
    "reading_along",
    "safe_next",
    "say",
    "signed_in",
    "wants_fragment",
    "wants_json",
]
