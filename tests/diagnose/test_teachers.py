"""What binds postings, and what a teacher would fill: a class at A and one at B, a post of Chinese each."""

from postings import make_pool, make_staff_plan

from optimizer.diagnose.teachers import find_staff_bindings, price_teachers


def found(bindings):
    return [(b.rule, b.kind, b.where, b.stage, b.value, b.limit, b.inherited) for b in bindings]


class TestBindings:
    def test_a_quota_that_is_taken_binds_while_posts_are_vacant(self):
        district = make_pool([{}], policy={"staffing": {"quota": {"district": 1}}})
        plan = make_staff_plan(district, filled={("A", "primary", "chinese"): 1})
        assert found(find_staff_bindings(district, plan)) == [("staff_quota", "", "district", "", 1, 1, False)]
        full = make_staff_plan(district, filled={(s, "primary", "chinese"): 1 for s in "AB"})
        assert find_staff_bindings(district, full) == ()

    def test_a_share_that_must_move_binds_where_no_more_than_that_do(self):
        """One of two eligible teachers must move, and one does."""
        district = make_pool(
            [{}, {}], rules={"rotation_share": "hard"}, policy={"rotation": {"min_share": 0.5, "backbone_share": 0.0}}
        )
        plan = make_staff_plan(district, {"T1": ("B", "rotation")})
        assert ("rotation_share", "", "", "", 1, 1, False) in found(find_staff_bindings(district, plan))
        both = make_staff_plan(district, {"T1": ("B", "rotation"), "T2": ("B", "rotation")})
        assert "rotation_share" not in [b.rule for b in find_staff_bindings(district, both)]

    def test_a_share_of_backbone_teachers_that_must_move(self):
        """Two move, and half of them must be backbone teachers: one is."""
        policy = {"rotation": {"min_share": 0.0, "backbone_share": 0.5}}
        district = make_pool([{"backbone": True}, {}], rules={"rotation_backbone": "hard"}, policy=policy)
        plan = make_staff_plan(district, {"T1": ("B", "rotation"), "T2": ("B", "rotation")})
        assert found(find_staff_bindings(district, plan)) == [("rotation_backbone", "", "", "", 1, 1, False)]

    def test_a_budget_that_does_not_suffice_for_one_more(self):
        """3,000 yuan for whoever moves: of 5,000 the second would be too much, of 6,000 not."""
        for budget, told in ((5000.0, [("budget", "", "", "", 3000, 5000, False)]), (6000.0, [])):
            policy = {"rotation": {"subsidy": {"living_yuan": 3000.0}, "budget_yuan": budget}}
            district = make_pool([{}, {}], policy=policy)
            plan = make_staff_plan(district, {"T1": ("B", "rotation")})
            assert found(find_staff_bindings(district, plan)) == told

    def test_evenness_that_is_as_little_as_may_be(self):
        """A backbone teacher for 40 children at A, none for 40 at B: 1/40 and 0, so that S = X and the CV is 1."""
        for limit, told in ((1.0, [("balance_cv", "backbone", "", "primary", 1, 1, False)]), (1.1, [])):
            policy = {"balance": {"cv_max": {"primary": limit}, "indicators": ["backbone"]}}
            district = make_pool([{"backbone": True}, {"school": "B"}], rules={"balance_cv": "hard"}, policy=policy)
            assert found(find_staff_bindings(district, make_staff_plan(district))) == told


class TestPrices:
    def test_a_teacher_fills_the_post_that_is_vacant(self):
        district = make_pool([{}])
        plan = make_staff_plan(district, filled={("A", "primary", "chinese"): 1})
        (found,) = price_teachers(district, plan)
        assert (found.lever, found.where) == ("teacher", "B")
        assert found.facts == {"stage": "primary", "subject": "chinese", "posts": 1.0, "vacant": 1.0}

    def test_part_of_a_post_is_all_that_there_is_to_fill(self):
        """Nine lessons of music a class are half a post."""
        lessons = [("primary", "1", "chinese", 14.0, "subject"), ("primary", "1", "music", 9.0, "subject")]
        district = make_pool([{}, {"school": "B"}], lessons=lessons)
        plan = make_staff_plan(district, filled={(school, "primary", "chinese"): 1 for school in "AB"})
        (found,) = price_teachers(district, plan)
        assert (found.facts["subject"], found.facts["posts"], found.facts["vacant"]) == ("music", 0.5, 1.0)

    def test_nobody_is_offered_beyond_the_quota(self):
        district = make_pool([{}], policy={"staffing": {"quota": {"district": 1}}})
        plan = make_staff_plan(district, filled={("A", "primary", "chinese"): 1})
        assert price_teachers(district, plan) == ()
