"""Documents and reports made of tickets."""
