"""Realistic tickets in any number, the same ones each time: for trying out, for demonstrations, for benches."""

from app.seeding.tickets import seed_tickets
from app.seeding.today import seed_today
from app.seeding.waiting import seed_waiting

__all__ = ["seed_tickets", "seed_today", "seed_waiting"]
