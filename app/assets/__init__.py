"""Product categories, products, installed products."""
