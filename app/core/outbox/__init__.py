"""Side effects that leave after the commit, at least once, each with a stable key."""
