"""Why posts cannot be decided for classes that have a plan, what would make it possible, and what stays vacant."""

from optimizer.diagnose.posts.case import PostsCase
from optimizer.diagnose.posts.counts import count_posts
from optimizer.diagnose.posts.diagnose import diagnose_posts
from optimizer.diagnose.posts.fewest import count_posts_of_fewest
from optimizer.diagnose.posts.repair import repair_posts

__all__ = ["PostsCase", "count_posts", "count_posts_of_fewest", "diagnose_posts", "repair_posts"]
