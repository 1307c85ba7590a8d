"""The one condition language: which tickets."""
