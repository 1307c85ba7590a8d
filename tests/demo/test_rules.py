"""Every seeded ticket could have been made by hand: each entry of its history by that person, then, in that step.

The history is replayed against the rules themselves, as the desk asks them: who takes a step, what must be answered,
what a form shows, what an amount may become. Only pictures are asked for in vain: no seeder takes any.
"""

from collections import defaultdict
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.core.permissions import SYSTEM, Actor
from app.people.access_tables import ACCOUNT_ROLE, ROLE
from app.people.models import StaffProfile
from app.people.roles import ROLE_BY_NAME
from app.seeding import seed_tickets, seed_waiting
from app.seeding.waiting import WAITING
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.models import Ticket, TicketEvent, TicketNote
from ticket_templates import asking, standing, workflow
from ticket_templates import queries as templates
from ticket_templates.field_types.base import Context
from ticket_templates.field_types.text import JOINT

pytestmark = pytest.mark.long

NUMBER = 400


class House:
    """Who may do what, and the people's outlets."""

    def __init__(self, work):
        query = select(ACCOUNT_ROLE.c.user_id, ROLE.c.name).join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id)
        roles = defaultdict(set)
        for user, role in work.session.execute(query):
            roles[user].add(role)
        self.actors = {
            user: Actor(
                user,
                roles=frozenset(held),
                permissions=frozenset().union(*(ROLE_BY_NAME[one].permissions for one in held)),
            )
            for user, held in roles.items()
        }
        self.outlets = dict(work.session.execute(select(StaffProfile.user_id, StaffProfile.outlet_id)).all())
        self.company = work.company

    def actor(self, user):
        return SYSTEM if user is None else self.actors[user]

    def context(self, moment):
        return Context(
            now=moment, zone=self.company.zone, locale="zh_Hans", currency=self.company.currency, personal=True
        )  # fmt: skip


def came(after, held, sign):
    """Return what was typed of an amount that moved with its step, or of a text that became longer."""
    if isinstance(after, str):
        return after.removeprefix(f"{held}{JOINT}")
    return sign * (after - (held or 0))


class Replayed:
    """One ticket as it is after the entries of its history that were read so far, and what is wrong with them."""

    def __init__(self, house, version, notes):
        self.house, self.version, self.notes = house, version, notes
        self.columns, self.stored, self.checklist = {}, {}, {}
        self.takers, self.wrong = {}, []

    @property
    def values(self):
        return self.version.unsealed(self.stored)

    def all(self, events):
        """Read all entries; what is wrong is told with the step it is wrong in."""
        past = None
        for event in events:
            told = len(self.wrong)
            if past is not None and event.at <= past:
                self.wrong.append("not after the one before")
            past = event.at
            self.read(event)
            self.wrong[told:] = [f"{event.transition or event.kind}: {why}" for why in self.wrong[told:]]
        return self

    def read(self, event):
        actor, context = self.house.actor(event.actor_id), self.house.context(event.at)
        before, state = self.values, self.columns.get("state")
        self._apply(event.changes)
        (self._opened if event.kind == "opened" else self._taken)(event, actor, context, before, state)

    def _apply(self, changes):
        for name, (old, new) in changes.items():
            kind, _dot, key = name.partition(".")
            place = {"values": self.stored, "checklist": self.checklist}.get(kind) if key else self.columns
            key = key or name
            if place.get(key) != old:
                self.wrong.append(f"{name} was {place.get(key)}, not {old}")
            if new is None:
                place.pop(key, None)
            else:
                place[key] = new

    def _cleaned(self, event, actor, context, before, moves, **more):
        """Return the values a person would have got who typed what this entry holds."""
        types, after = self.version.types, self.values
        typed = {}
        for name in event.changes:
            key = name.removeprefix("values.")
            if name.startswith("values.") and not types[key].derived and key in after:
                value = came(after[key], before.get(key), moves[key]) if key in moves else after[key]
                typed[key] = types[key].form_value(value, replace(context, values=after))
        facts = self.columns | {"created_at": self.columns.get("created_at", event.at)}
        cleaned = self.version.clean(typed, before, actor=actor, context=context, facts=facts, moves=moves, **more)
        self.wrong += [f"{one.field}: {one}" for one in cleaned.refusals]
        if cleaned.values != after:
            left = {key for key in cleaned.values.keys() | after.keys() if cleaned.values.get(key) != after.get(key)}
            self.wrong.append(f"others by hand: {left}")
        return typed

    def _opened(self, event, actor, context, before, _state):
        self.columns["created_at"] = event.at
        if not actor.may("ticket.create"):
            self.wrong.append("may not open tickets")
        typed = self._cleaned(event, actor, context, before, {}, creating=True)
        self.wrong += map(str, asking.unnamed(self.version, self.columns))
        self.wrong += map(str, standing.settled(self.version, self.version.initial, typed))

    def _taken(self, event, actor, context, before, state):
        version, step = self.version, self.version.transitions[event.transition]
        typed = self._cleaned(event, actor, context, before, step.moves)
        handed = {name: new for name, (_old, new) in event.changes.items() if name in ("assignee_id", "team_id")}
        columns = self.columns | {"state": state}
        note = next((body for at, by, body in self.notes if (at, by) == (event.at, event.actor_id)), None)
        situation = workflow.Situation(
            version, state, actor=actor, facts=columns, values=self.values, checklist=self.checklist,
            takers=self.takers, context=context,
        )  # fmt: skip
        refused = workflow.check(situation, step.key, fields=handed, note=note, given=typed, before=before)
        self.wrong += [str(one) for one in refused if not self._is_picture(one.field)]
        refused = standing.refusals(
            version, state, before, self.values, answered=typed.keys(), facts=columns, context=context, moves=step.moves
        )
        self.wrong += map(str, refused)
        beyond = typed.keys() - asking.asked_with(version, step)
        if beyond and workflow.reserved(version, state, actor):
            self.wrong.append(f"{beyond} is not theirs to write")
        ticks = any(name.startswith("checklist.") for name in event.changes)
        wanted = {"ticket.transition"} | ({"ticket.change"} if typed or ticks else set())
        wanted |= {"ticket.transfer"} if handed else set()
        self.wrong += [f"may not {one}" for one in wanted if not actor.may(one)]
        self._at_their_place(event, actor)
        self.takers[step.key] = event.actor_id

    def _is_picture(self, key):
        return key in self.version.types and self.version.types[key].name == "file"

    def _at_their_place(self, event, actor):
        if "outlet_manager" in actor.roles and self.house.outlets[event.actor_id] != self.columns["outlet_id"]:
            self.wrong.append("a manager of another outlet")
        if actor.roles == {"technician"} and event.actor_id != self.columns.get("assignee_id"):
            self.wrong.append("another technician's ticket")
        hour = event.at.astimezone(self.house.company.zone).hour
        if not 8 <= hour < 20:
            self.wrong.append(f"{hour} o'clock")


def replayed(work, since):
    house = House(work)
    notes, events = defaultdict(list), defaultdict(list)
    for one in work.session.scalars(select(TicketNote).where(TicketNote.ticket_id > since)):
        notes[one.ticket_id].append((one.at, one.author_id, one.body))
    for one in work.session.scalars(select(TicketEvent).where(TicketEvent.ticket_id > since).order_by(TicketEvent.id)):
        events[one.ticket_id].append(one)
    for record in work.session.execute(select(*COLUMNS).where(Ticket.id > since).order_by(Ticket.id)).all():
        stored = dict(zip(NAMES, record, strict=True))
        version = templates.version(work, stored["version_id"])
        yield stored, Replayed(house, version, notes[stored["id"]]).all(events[stored["id"]])


@pytest.fixture(scope="module")
def seeded(companies):
    """The histories of many tickets, read once: (template, columns, what the replay found)."""
    house = companies("sqlite")
    with house.reading(SYSTEM) as work:
        since = work.session.scalar(select(func.max(Ticket.id))) or 0
    with pytest.MonkeyPatch.context() as patch:
        # Of those a month old and older, most are told after the pattern of some, as in great numbers.
        patch.setattr("app.seeding.tickets.TOLD", NUMBER // 2)
        seed_tickets(house, NUMBER, days=90, seed=5)
    assert seed_waiting(house) == len(WAITING)
    with house.reading(SYSTEM) as work:
        return [(one.version.template_key, stored, one) for stored, one in replayed(work, since)]


def test_every_entry_of_every_history_could_have_been_made_by_that_person_then(seeded):
    wrong = [f"{stored['number']} {why}" for _key, stored, one in seeded for why in one.wrong]
    assert not wrong, "\n".join(wrong)
    assert all(one.stored == stored["values"] for _key, stored, one in seeded)


def of(seeded, key):
    return [(stored["values"], stored, one) for template, stored, one in seeded if template == key]


def test_goods_that_go_back_bring_the_money_or_new_ones_and_what_is_not_sent_is_not_inspected(seeded):
    met = set()
    for values, stored, one in of(seeded, "return_exchange"):
        wish = values["return_type"]
        paid, due = values.get("refunded_amount"), values.get("refund_amount")
        met.add((wish, bool(paid), "new_tracking_no" in values))
        if wish == "exchange":
            assert not {"refunded_amount", "refund_method", "refund_reference", "deduction"} & values.keys()
        else:
            assert "new_tracking_no" not in values
            assert (paid or 0) <= due
            assert stored["category"] not in ("resolved", "closed") or paid in (due, None), stored["number"]
        if wish == "refund_only":
            assert not {"return_courier", "return_tracking_no", "received_on", "inspection_grade"} & values.keys()
        if "refunded" in one.takers:
            assert one.house.actor(one.takers["refunded"]).roles <= {"finance", "outlet_manager"}
            assert one.takers["refunded"] != one.takers["approve_refund"]
    assert {("return", True, False), ("exchange", False, True)} <= met


def test_a_complaint_is_made_up_for_as_it_was_promised(seeded):
    met = set()
    for values, stored, one in of(seeded, "complaint"):
        sort, amount = values.get("compensation_type"), values.get("compensation_amount")
        paid = values.get("compensation_paid")
        met.add((sort, bool(paid)))
        assert bool(amount) == (sort in ("money", "coupon")), stored["number"]
        assert paid is None or (paid <= amount and "compensate" in one.takers)
        assert stored["category"] != "closed" or paid == amount or stored["state"] == "cancelled"
        assert values.get("is_justified") != "no" or (sort == "none" and "prevention" not in values)
    assert ("none", False) in met
    assert any(paid for _sort, paid in met)


def test_a_bill_is_paid_once_and_to_the_fen(seeded):
    totals = {"appliance_repair": "total_fee", "installation": "install_total", "inspection": "inspection_total"}
    for key, name in totals.items():
        for values, stored, _one in of(seeded, key):
            assert (values.get("amount_received") or 0) <= (values.get(name) or 0), stored["number"]
            assert bool(values.get("amount_received")) == bool(values.get("payment_method"))
            if stored["state"] == "closed":
                assert (values.get("amount_received") or 0) == (values.get(name) or 0)


def test_customers_are_called_afterwards_and_no_way_is_the_only_one(seeded):
    closed = [one for _key, stored, one in seeded if stored["state"] == "closed"]
    called = [one for one in closed if "follow_up" in one.takers]
    assert len(closed) / 3 < len(called) < len(closed)
    taken = {step for _key, _stored, one in seeded for step in one.takers}
    assert {"approve", "submit_unsigned", "close", "cancel"} <= taken


def test_finance_has_something_to_pay(seeded):
    waiting = {(key, stored["state"]): stored["values"] for key, stored, _one in seeded[-len(WAITING) :]}
    for key, state, due, _days in WAITING:
        assert waiting[key, state][due] > 0
