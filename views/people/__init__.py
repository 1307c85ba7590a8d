"""Screens of customers and what belongs to them, outlets, teams, staff, skills and regions."""

from views.people.customers import ContactView, CustomerLevelView, CustomerView, PhoneView, SiteView
from views.people.regions import RegionView
from views.people.staff import OutletView, SkillView, StaffView, TeamView
from views.people.tags import TagView

PEOPLE_VIEWS = (
    CustomerView,
    ContactView,
    PhoneView,
    SiteView,
    CustomerLevelView,
    TagView,
    OutletView,
    TeamView,
    SkillView,
    StaffView,
    RegionView,
)
