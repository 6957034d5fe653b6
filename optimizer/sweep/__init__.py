"""A grid of plans: what varies, the tasks that make them, and what came of them side by side."""
