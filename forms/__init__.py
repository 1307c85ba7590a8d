"""HTTP in, orders out: WTForms only."""
