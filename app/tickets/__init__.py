"""Tickets: the change path, queries, journal, notes, attachments, search."""
