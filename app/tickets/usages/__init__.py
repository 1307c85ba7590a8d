"""How tickets use records besides by their columns."""
