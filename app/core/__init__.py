"""Plumbing with no domain: transactions, registry, errors, permissions, money, languages."""
