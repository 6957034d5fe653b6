"""Posts and postings: what the classes need, who may move, and which pool approves the posts."""
