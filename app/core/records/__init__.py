"""Reference records (customers, products, teams, …): attributes, one write door, lookups. Knows no domain."""
