"""Links between tickets: which there are, and how they are read. They are written by the change path alone."""
