"""The company as its documents show it: names, address, telephone, logo; kept by an administrator."""
