"""Tickets that come with their past, for demonstration data and benches: written whole, beside the change path.

What is written here was made by the program itself, so nothing is checked and nobody is told. It replays as any other
does: the journal, the numbers and the search are those of the change path.
"""
