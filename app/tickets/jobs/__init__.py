"""Background jobs of tickets, one class a file."""
