"""Kinds of background jobs of the exchange room."""
