"""Rows for tests, made the way the program makes them."""
