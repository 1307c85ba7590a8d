"""HTTP in, HTML or JSON out; `menu.py` is the site map."""
