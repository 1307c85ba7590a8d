"""Tests mirror the code; `house/` holds the rules of the house, `journeys/` what people do in a browser."""
