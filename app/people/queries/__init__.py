"""Reads of the people room: finding customers, one customer's card, how they are shown, who changed what."""

from app.people.queries.accounts import AccountCard, account_names, accounts, staff_profile_of
from app.people.queries.cards import CARD_LOADS, CustomerCard, card_of, customer_card
from app.people.queries.changes import AuditPage, AuditQuery, Change, audit_page, audit_stream, history
from app.people.queries.finding import CustomerHit, KnownPhone, find_customers, known_phones
from app.people.queries.gone import Last, last_called
from app.people.queries.reaching import Doors, doors
from app.people.queries.shown import address_text, email_shown, phone_shown, phone_text, point_text, site_address
from app.people.queries.trees import region_path

__all__ = [
    "CARD_LOADS",
    "AccountCard",
    "AuditPage",
    "AuditQuery",
    "Change",
    "CustomerCard",
    "CustomerHit",
    "Doors",
    "KnownPhone",
    "Last",
    "account_names",
    "accounts",
    "address_text",
    "audit_page",
    "audit_stream",
    "card_of",
    "customer_card",
    "doors",
    "email_shown",
    "find_customers",
    "history",
    "known_phones",
    "last_called",
    "phone_shown",
    "phone_text",
    "point_text",
    "region_path",
    "site_address",
    "staff_profile_of",
]
