"""Why there is no plan, what would make one, and what binds in the one there is."""
