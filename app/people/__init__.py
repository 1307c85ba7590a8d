"""Customers, contacts, staff, teams, outlets, skills."""
