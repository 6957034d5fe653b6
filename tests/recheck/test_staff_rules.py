"""Every rule of posts: a plan that keeps it, and one that does not, with the shortfall worked out by hand.

Schools A and B, each with one class of 40 children and one post of Chinese; the year is 2027. An ordinary teacher works
at A since 2015, teaches Chinese, and may be asked to move.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import STEP, WEST, make_schools
from postings import CLASSES, LESSONS, make_pool, make_staff_plan

from models.settings import merge
from optimizer.recheck import describe_shortfall, recheck_plan, recheck_staff
from optimizer.recheck.balance import compute_variation

MOVE = {"T1": ("B", "rotation")}
STRONG_A = make_schools(strength=np.array([5.0, 2.0]))


def judge(rows, posts=None, *, spoil=lambda staff: staff, classes=CLASSES, filled=None, **more):
    district = make_pool(rows, **more)
    plan = make_staff_plan(district, posts, filled=filled, classes=classes)
    return recheck_staff(district, replace(plan, staff=spoil(plan.staff)))


def found(shortfalls):
    return [(s.rule, s.kind, s.where, s.value, s.limit, s.breach) for s in shortfalls]


def with_posting(row, **cells):
    """The table of postings with cells of one row changed."""

    def spoil(staff):
        table = staff.postings.copy()
        for column, value in cells.items():
            table.loc[row, column] = value
        return replace(staff, postings=table)

    return spoil


def with_posts(change):
    return lambda staff: replace(staff, posts=change(staff.posts.copy()))


def test_a_plan_in_which_everybody_stays_or_is_well_moved_has_no_shortfall():
    assert judge([{}, {"school": "B"}]) == ()
    assert judge([{}, {"school": "B"}], MOVE) == ()


def test_a_plan_without_posts_breaks_no_rule_of_posts():
    district = make_pool([{}])
    plan = replace(make_staff_plan(district), staff=None)
    assert recheck_staff(district, plan) == ()


class TestPostings:
    @pytest.mark.parametrize(
        ("change", "kind"),
        [
            (lambda table: table.assign(teacher_id=["T1", "X"]), "unknown"),
            (lambda table: table.drop(1), "missing"),
            (lambda table: pd.concat([table, table.tail(1)]), "twice"),
            (lambda table: table.assign(from_school_id=["A", "A"]), "from"),
        ],
    )
    def test_everybody_has_one_posting_from_where_he_works(self, change, kind):
        shortfalls = judge([{}, {"school": "B"}], spoil=lambda staff: replace(staff, postings=change(staff.postings)))
        assert ("postings", kind, "", 1, 0, 1) in found(shortfalls)

    def test_a_school_that_does_not_exist(self):
        assert ("postings", "school", "X", 1, 0, 1) in found(judge([{}], {"T1": ("X", "rotation")}))

    @pytest.mark.parametrize(
        "more",
        [{"status": ("open", "closed")}, {"private": np.array([False, True])}, {"types": ("primary", "junior")}],
    )
    def test_a_school_that_receives_nobody(self, more):
        shortfalls = judge([{}], MOVE, schools=make_schools(**more), classes=CLASSES[:1])
        assert ("postings", "receiving", "B", 1, 0, 1) in found(shortfalls)

    def test_a_pool_keeps_its_teachers(self):
        zones, two_pools = make_schools(zone=("Z1", "Z2")), {"staffing": {"pool_level": "zone"}}
        assert judge([{}, {"school": "B"}], MOVE, schools=zones) == ()
        shortfalls = judge([{}, {"school": "B"}], MOVE, schools=zones, policy=two_pools, rules={"staff_quota": "off"})
        assert found(shortfalls) == [("postings", "pool", "A", 1, 0, 1)]

    @pytest.mark.parametrize(
        ("cells", "kind"),
        [({"moved": False}, "moved"), ({"form": "stay"}, "form"), ({"effective": "2027-02-01"}, "effective")],
    )
    def test_the_table_says_of_a_move_what_the_schools_say(self, cells, kind):
        assert ("postings", kind, "A", 1, 0, 1) in found(judge([{}], MOVE, spoil=with_posting(0, **cells)))

    def test_a_site_of_the_same_legal_school_is_no_other_school(self):
        sites = make_schools(legal=("A", "A"))
        assert judge([{}], {"T1": ("B", "stay")}, schools=sites) == ()
        shortfalls = judge([{}], MOVE, schools=sites)
        assert found(shortfalls)[0] == ("postings", "form", "A", 1, 0, 1)

    def test_who_retires_leaves_and_nobody_else(self):
        """A man born in June 1964 reaches 60 in June 2024, before ages rose."""
        old = {"sex": "male", "birth": "1964-06-01"}
        assert judge([old], {"T1": ("", "stay")}) == ()
        assert found(judge([old])) == [("postings", "retired", "A", 1, 0, 1)]
        assert judge([{"leave": "retiring"}], {"T1": ("", "stay")}) == ()
        assert judge([old | {"staff_type": "reengaged"}]) == ()
        assert found(judge([{}], {"T1": ("", "stay")})) == [("postings", "dropped", "A", 1, 0, 1)]

    def test_a_school_keeps_a_principal(self):
        rows = [{"role": "principal"}, {"role": "principal", "school": "B"}]
        assert judge(rows, {"T1": ("B", "rotation"), "T2": ("A", "rotation")}, rules={"principal_terms": "off"}) == ()
        shortfalls = judge(rows[:1], MOVE, rules={"principal_terms": "off"})
        assert found(shortfalls) == [("postings", "principal", "A", 0, 1, 1)]

    def test_a_school_has_no_second_principal_that_it_had_not(self):
        first, recruit = {"role": "principal"}, {"role": "principal", "school": ""}
        rules = {"principal_terms": "off"}
        assert judge([recruit], {"T1": ("A", "recruit")}, rules=rules) == ()
        shortfalls = judge([first, recruit], {"T2": ("A", "recruit")}, rules=rules)
        assert found(shortfalls) == [("postings", "principals", "A", 2, 1, 1)]
        assert judge([first, first], rules=rules) == ()
        guest = first | {"home_school": "B", "rotation_until": "2027-07-01", "joined": "2024-09-01"}
        assert judge([guest, first | {"school": "B"}], {"T1": ("B", "return")}, rules=rules) == ()


class TestQuota:
    """80 children at 19 a post are 4.2 posts: 4 are approved."""

    def test_as_many_as_the_ratio_leaves(self):
        assert judge([{}] * 4) == ()
        assert judge([{}] * 4 + [{"staff_type": "reengaged"}]) == ()

    def test_what_is_above_it_today_is_inherited_and_may_not_grow(self):
        (shortfall,) = judge([{}] * 5)
        assert found([shortfall]) == [("staff_quota", "", "district", 5, 4, 1)]
        assert (shortfall.before, shortfall.inherited) == (5, True)
        (shortfall,) = judge([{}] * 5 + [{"school": ""}], {"T6": ("A", "recruit")})
        assert found([shortfall]) == [("staff_quota", "", "district", 6, 4, 1)]
        assert (shortfall.before, shortfall.inherited) == (5, False)

    def test_a_stated_quota_goes_before_the_ratio(self):
        hired = {"T2": ("A", "recruit")}
        rows = [{}, {"school": ""}]
        assert judge(rows, hired, policy={"staffing": {"quota": {"district": 2}}}) == ()
        shortfalls = judge(rows, hired, policy={"staffing": {"quota": {"district": 1}}})
        assert found(shortfalls) == [("staff_quota", "", "district", 2, 1, 1)]


class TestNeed:
    def test_posts_are_what_the_classes_need(self):
        """Two classes with 14 lessons of Chinese (14 a post) and 6 of PE (18 a post): 2 posts and 2/3 of one."""
        lessons = [*LESSONS, ("primary", "1", "pe", 6.0, "subject")]
        classes = [("A", "primary", "1", 80, 2)]
        assert judge([{}], lessons=lessons, classes=classes) == ()
        shortfalls = judge([{}], lessons=lessons, classes=classes, spoil=with_posts(lambda table: table.head(1)))
        assert [(s.kind, s.where, s.value, s.detail) for s in shortfalls] == [("required", "A", 0, "pe")]
        assert shortfalls[0].limit == pytest.approx(2 / 3)

    def test_heading_a_class_is_work_for_anybody(self):
        """3 lessons for a class at 18 a post are 1/6 of a post of `any`; none is told."""
        (first, second) = judge([{}], policy={"staffing": {"class_head_lessons": 3.0}})
        assert (first.kind, first.where, first.detail, second.where) == ("required", "A", "any", "B")
        assert first.limit == pytest.approx(1 / 6)

    def test_moving_classes_need_more(self):
        senior = [("senior", "10", "chinese", 10.0, "subject")]
        classes = [("A", "senior", "10", 50, 1)]
        schools = make_schools(types=("senior", "primary"))
        shortfalls = judge([{"stage": "senior"}], lessons=senior, classes=classes, schools=schools,
                           instance={"stages": ["senior"]},
                           policy={"staffing": {"moving_classes": {"senior": 0.1}}})  # fmt: skip
        assert [(s.kind, s.value, s.limit) for s in shortfalls] == [("required", 1.0, pytest.approx(1.1))]

    def test_vacant_is_what_is_not_filled(self):
        shortfalls = judge([{}], spoil=with_posts(lambda table: table.assign(vacant=[0.5, 1.0])))
        assert found(shortfalls) == [("staff_need", "vacant", "A", 0.5, 1.0, 0.5)]

    def test_a_private_school_has_no_posts(self):
        private = make_schools(private=np.array([False, True]))
        assert judge([{}], classes=CLASSES[:1], schools=private) == ()
        shortfalls = judge([{}], schools=private)
        assert found(shortfalls) == [("staff_need", "required", "B", 1, 0, 1)]


class TestWeeks:
    """What is told as filled, against who is there; A needs one post of Chinese."""

    AT_A = ("A", "primary", "chinese")

    def test_one_teacher_fills_one_post(self):
        assert judge([{}], filled={self.AT_A: 1.0}) == ()
        shortfalls = judge([{}], filled={("B", "primary", "chinese"): 1.0})
        assert found(shortfalls) == [("staff_need", "filled", "B", 1, 0, 1)]

    @pytest.mark.parametrize(
        "row", [{"subject": "pe"}, {"leave": "sick"}, {"role": "support"}, {"school": "B"}, {"stage": "junior"}]
    )
    def test_who_cannot_teach_it_fills_none(self, row):
        schools = make_schools(types=("nine_year", "primary"))
        shortfalls = judge([row], filled={self.AT_A: 1.0}, schools=schools)
        assert found(shortfalls) == [("staff_need", "filled", "A", 1, 0, 1)]

    def test_a_second_subject_fills_it(self):
        assert judge([{"subject": "pe", "second_subject": "chinese"}], filled={self.AT_A: 1.0}) == ()

    def test_a_principal_gives_a_few_lessons(self):
        """4 lessons of 14 are 2/7 of a post."""
        principal = {"role": "principal"}
        assert judge([principal], filled={self.AT_A: 2 / 7}, rules={"principal_terms": "off"}) == ()
        shortfalls = judge([principal], filled={self.AT_A: 0.5}, rules={"principal_terms": "off"})
        assert [(s.kind, s.limit) for s in shortfalls] == [("filled", pytest.approx(2 / 7, abs=1e-3))]

    def test_anybody_fills_what_anybody_may_teach_but_only_once(self):
        """14 lessons of practice are 14/18 of a post of `any`: beside them a PE teacher gives nothing in full."""
        lessons = [("primary", "1", "practice", 14.0, "any"), ("primary", "1", "pe", 18.0, "subject")]
        any_at, pe_at = ("A", "primary", "any"), ("A", "primary", "pe")
        gym = [{"subject": "pe"}]
        assert judge(gym, lessons=lessons, filled={any_at: 14 / 18}) == ()
        assert judge(gym, lessons=lessons, filled={any_at: 0.5, pe_at: 0.5}) == ()
        shortfalls = judge(gym, lessons=lessons, filled={any_at: 0.5, pe_at: 0.75})
        assert found(shortfalls) == [("staff_need", "filled", "A", 1.25, 1.0, 0.25)]

    def test_schools_of_a_group_share_parts_of_posts_in_the_own_subject(self):
        """Two at A, none at B: of the second one less than a whole post can be lent; a whole one is a posting."""
        group = make_schools(group=("G", "G"))
        both = {self.AT_A: 1.0, ("B", "primary", "chinese"): 1.0}
        assert judge([{}, {}], filled=both, schools=group) == ()
        assert judge([{}, {}], filled=both)[0].kind == "filled"
        none_shared = {"staffing": {"shared_posts": "none"}}
        assert judge([{}, {}], filled=both, schools=group, policy=none_shared)[0].kind == "filled"
        second = [{"subject": "pe", "second_subject": "chinese"}] * 2
        assert judge(second, filled=both, schools=group)[0].kind == "filled"

    def test_no_more_than_a_post_of_a_subject_is_borrowed(self):
        group, classes = make_schools(group=("G", "G")), [("A", "primary", "1", 40, 1), ("B", "primary", "1", 80, 2)]
        filled = {("B", "primary", "chinese"): 2.0}
        shortfalls = judge([{}, {}, {}], filled=filled, schools=group, classes=classes)
        assert found(shortfalls) == [("staff_need", "filled", "A, B", 2, 1, 1)]


class TestWhoMayMove:
    @pytest.mark.parametrize(
        ("row", "kind"),
        [
            ({"role": "support"}, "support"),
            ({"leave": "maternity"}, "leave"),
            ({"exempt": "nursing"}, "exempt"),
            ({"rotation_until": "2028-08-31"}, "term"),
            ({"role": "principal", "joined": "2022-09-01"}, "principal"),
            ({"class_head_grade": "3"}, "class_head"),
            ({"birth": "1974-01-01"}, "near_retirement"),
            ({"staff_type": "reengaged"}, "reengaged"),
        ],
    )
    def test_who_is_kept_is_not_moved(self, row, kind):
        rules = {"principal_terms": "off"}
        shortfalls = judge([row, {"role": "principal"}], {"T1": ("B", "cross_school")}, rules=rules)
        assert ("rotation_eligible", kind, "A", 1, 0, 1) in found(shortfalls)
        assert judge([row, {"role": "principal"}], rules=rules) == ()

    @pytest.mark.parametrize(
        "row",
        [
            {"class_head_grade": "6"},
            {"rotation_until": "2027-08-31"},
            {"role": "principal", "joined": "2021-09-01"},
            {"joined": "2021-09-01"},
        ],
    )
    def test_a_last_grade_and_a_term_that_is_over_keep_nobody(self, row):
        others = [{"role": "principal"}, {"school": "B"}]
        assert judge([row, *others], MOVE, rules={"principal_terms": "off"}) == ()

    @pytest.mark.parametrize(
        "row",
        [
            {"joined": "2021-09-02"},
            {"joined": "NaT"},
            {"staff_type": "contract"},
            {"birth": "1974-01-01", "volunteer": True},
        ],
    )
    def test_only_the_eligible_rotate_and_others_go_as_volunteers(self, row):
        assert ("rotation_eligible", "ineligible", "A", 1, 0, 1) in found(judge([row, {"school": "B"}], MOVE))
        crossing = {"T1": ("B", "cross_school")}
        assert judge([row | {"volunteer": True}, {"school": "B"}], crossing) == ()
        shortfalls = judge([row | {"volunteer": False}], crossing)
        assert ("rotation_eligible", "unasked", "A", 1, 0, 1) in found(shortfalls)

    def test_who_is_spare_is_sent(self):
        """A needs one post of Chinese: of two teachers one can be spared."""
        sent = {"T1": ("B", "coordinated")}
        assert judge([{}, {}], sent) == ()
        assert found(judge([{}], sent)) == [("rotation_eligible", "needed", "A", 1, 0, 1)]
        both = {"T1": ("B", "coordinated"), "T2": ("B", "coordinated")}
        assert found(judge([{}, {}], both)) == [("rotation_eligible", "needed", "A", 2, 1, 1)]

    def test_whose_term_is_over_goes_home(self):
        guest = {"home_school": "B", "rotation_until": "2027-07-01", "joined": "2024-09-01"}
        assert judge([guest], {"T1": ("B", "return")}) == ()
        assert found(judge([guest])) == [("rotation_eligible", "home", "A", 1, 0, 1)]
        assert found(judge([{}], {"T1": ("B", "return")})) == [("rotation_eligible", "return", "A", 1, 0, 1)]
        assert judge([guest | {"leave": "sick"}]) == ()

    def test_nobody_goes_home_to_a_school_of_other_stages(self):
        guest = {"home_school": "B", "rotation_until": "2027-07-01", "joined": "2024-09-01"}
        other = make_schools(types=("primary", "junior"))
        assert judge([guest], schools=other) == ()
        shortfalls = judge([guest], {"T1": ("B", "return")}, schools=other)
        assert ("rotation_eligible", "return", "A", 1, 0, 1) in found(shortfalls)

    def test_support_leads_into_another_region(self):
        regions = make_schools(region=("west", "east"))
        assert judge([{}], {"T1": ("B", "support")}, schools=regions) == ()
        assert found(judge([{}], MOVE, schools=regions)) == [("rotation_eligible", "region", "A", 1, 0, 1)]

    def test_class_heads_move_where_the_policy_lets_them(self):
        policy = {"rotation": {"class_heads": "move"}}
        assert judge([{"class_head_grade": "3"}], MOVE, policy=policy) == ()

    def test_class_heads_who_go_last_are_told(self):
        """Those of the grade that leaves, and principals, head no class that goes on; who goes home has no choice."""
        last, head = {"policy": {"rotation": {"class_heads": "last"}}}, {"class_head_grade": "3"}
        (shortfall,) = judge([head], MOVE, **last)
        assert found([shortfall]) == [("class_heads", "", "A", 1, 0, 1)]
        assert (shortfall.hardness, shortfall.is_fault) == ("soft", False)
        assert judge([head], **last) == judge([{"class_head_grade": "6"}], MOVE, **last) == ()
        guest = {"home_school": "B", "rotation_until": "2027-07-01", "joined": "2024-09-01"}
        assert judge([head | guest], {"T1": ("B", "return")}, **last) == ()


class TestWhereTo:
    def rule(self, name, row, posts, *, fault=True, **more):
        """The rule as hard (found, or not), and nothing where it is off."""
        rows = [row, {"school": "B"}]
        expected = [(name, "", "A", 1, 0, 1)] if fault else []
        assert found(judge(rows, posts, **more)) == expected
        off = {"rules": more.pop("rules", {}) | {name: "off"}}
        assert judge(rows, posts, **off, **more) == ()

    @pytest.mark.parametrize(
        ("strengths", "fault"), [((5, 2), False), ((2, 5), True), ((3, 3), True), ((3, np.nan), False)]
    )
    def test_direction(self, strengths, fault):
        schools = make_schools(strength=np.array(strengths, dtype=float))
        self.rule("direction", {}, MOVE, schools=schools, fault=fault)

    def test_principals_and_volunteers_may_go_up(self):
        schools = make_schools(strength=np.array([2.0, 5.0]))
        posts = {"T1": ("B", "rotation"), "T2": ("A", "rotation")}
        rows = [{"role": "principal"}, {"role": "principal", "school": "B"}]
        assert judge(rows, posts, schools=schools) == ()
        assert judge([{"volunteer": True}], {"T1": ("B", "cross_school")}, schools=schools) == ()

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ({}, True),
            ({"certificate_stage": "junior"}, False),
            ({"certificate_stage": "senior", "certificate_subject": "chinese"}, False),
            ({"certificate_stage": "junior", "certificate_subject": "pe"}, True),
            ({"certificate_stage": "primary"}, True),
        ],
    )
    def test_certificate(self, row, fault):
        schools = make_schools(types=("nine_year", "nine_year"))
        self.rule("certificate", row, {"T1": ("B", "rotation", "junior")}, schools=schools, fault=fault,
                  instance={"stages": ["primary", "junior"]})  # fmt: skip

    def test_a_higher_certificate_teaches_lower_stages_and_the_own_stage_alone_does_not(self):
        schools, junior = make_schools(types=("nine_year", "nine_year")), {"stage": "junior"}
        down, both = {"T1": ("B", "rotation", "primary")}, {"stages": ["primary", "junior"]}
        certified = junior | {"certificate_stage": "junior"}
        self.rule("certificate", certified, down, schools=schools, fault=False, instance=both)
        self.rule("certificate", junior, down, schools=schools, instance=both)

    def test_a_certificate_that_binds_softly_is_told(self):
        (shortfall,) = judge([{"certificate_subject": "pe"}], MOVE, rules={"certificate": "soft"})
        assert found([shortfall]) == [("certificate", "", "A", 1, 0, 1)]
        assert (shortfall.hardness, shortfall.is_fault) == ("soft", False)

    @pytest.mark.parametrize(("left", "fault"), [("2024-09-01", False), ("2024-09-02", True), ("NaT", False)])
    def test_no_return(self, left, fault):
        """Three years on 1 September 2027."""
        self.rule("no_return", {"previous_school": "B", "left_previous": left}, MOVE, fault=fault)

    @pytest.mark.parametrize(("most", "fault"), [(2900, False), (2800, True)])
    def test_commute(self, most, fault):
        """B lies three hundredths of a degree east of A, where he lives: 2,889 m at 30.2 N."""
        home = {"lon": WEST + STEP / 2, "lat": 30.205}
        self.rule("commute", home, MOVE, fault=fault, policy={"rotation": {"max_commute_m": float(most)}})
        assert judge([{}], MOVE, policy={"rotation": {"max_commute_m": 1.0}}) == ()

    def test_couples_move_together_or_one_stays(self):
        schools = make_schools({"A": 0, "B": 1, "C": 3})
        pair = [{"spouse": "T2"}, {"spouse": "T1"}]
        together = {"T1": ("B", "rotation"), "T2": ("B", "rotation")}
        apart = together | {"T2": ("C", "rotation")}
        assert judge(pair, together, schools=schools) == ()
        assert judge(pair, MOVE, schools=schools) == ()
        assert found(judge(pair, apart, schools=schools)) == [("couples", "", "A", 1, 0, 1)]
        assert judge(pair, apart, schools=schools, rules={"couples": "off"}) == ()


class TestShares:
    def test_a_tenth_of_the_eligible_moves(self):
        """11 eligible: 1.1, so 2 must move; the twelfth has too short a tenure and does not count."""
        rows = [{}] * 11 + [{"joined": "2024-09-01"}]
        hard = {"rules": {"rotation_share": "hard", "staff_quota": "off"}}
        assert found(judge(rows, MOVE, **hard)) == [("rotation_share", "", "", 1, 2, 1)]
        assert judge(rows, MOVE | {"T2": ("B", "cross_school")}, spoil=with_posting(1, form="rotation"), **hard) == ()
        soft = judge(rows, MOVE, rules={"rotation_share": "soft", "staff_quota": "off"})
        assert [shortfall.hardness for shortfall in soft] == ["soft"]

    def test_a_tenth_at_each_school_that_can_send_somebody(self):
        """B is the weakest: nobody of its own can rotate, so nothing is asked of it."""
        rows = [{}] * 10 + [{"school": "B"}] * 10
        policy = {"rotation": {"scope": "each_sending_school"}}
        hard = {"rules": {"rotation_share": "hard", "staff_quota": "off"}, "policy": policy, "schools": STRONG_A}
        assert judge(rows, MOVE, **hard) == ()
        assert found(judge(rows, **hard)) == [("rotation_share", "school", "A", 0, 1, 1)]

    def test_a_fifth_of_those_moved_are_backbone(self):
        """6 moved: 1.2, so 2 of them."""
        rows = [{"backbone": k < 2} for k in range(8)]
        hard = {"rotation_backbone": "hard", "staff_quota": "off"}
        assert judge(rows, {f"T{k}": ("B", "rotation") for k in range(1, 7)}, rules=hard) == ()
        last_six = {f"T{k}": ("B", "rotation") for k in range(3, 9)}
        assert found(judge(rows, last_six, rules=hard)) == [("rotation_backbone", "", "", 0, 2, 2)]
        assert judge(rows, rules=hard) == ()
        of_eligible = {"rotation": {"backbone_of": "eligible"}}
        assert found(judge(rows, rules=hard, policy=of_eligible)) == [("rotation_backbone", "", "", 0, 2, 2)]

    def test_a_fifth_of_a_school_leaves_at_most(self):
        """Of nine who teach, 1.8: one may leave; the support staff are no teachers."""
        rows = [{}] * 9 + [{"role": "support"}]
        hard = {"continuity": "hard", "staff_quota": "off"}
        assert judge(rows, MOVE, rules=hard) == ()
        two = MOVE | {"T2": ("B", "rotation")}
        assert found(judge(rows, two, rules=hard)) == [("continuity", "", "A", 2, 1, 1)]

    def test_those_who_go_home_go_and_then_nobody_else(self):
        guest = {"home_school": "B", "rotation_until": "2027-07-01", "joined": "2024-09-01"}
        rows, hard = [guest, guest, {}, {}], {"continuity": "hard"}
        home = {"T1": ("B", "return"), "T2": ("B", "return")}
        assert judge(rows, home, rules=hard) == ()
        assert found(judge(rows, home | {"T3": ("B", "rotation")}, rules=hard)) == [("continuity", "", "A", 3, 2, 1)]

    def test_one_with_experience_in_the_subject_stays(self):
        """Five years on 31 August 2027: since 1 September 2022."""
        newcomer, gym = {"joined": "2022-09-02"}, [{"subject": "pe"}] * 3
        hard = {"continuity": "hard", "staff_quota": "off"}
        assert judge([{}, {"joined": "2022-09-01"}, newcomer, *gym], MOVE, rules=hard) == ()
        shortfalls = judge([{}, newcomer, newcomer, *gym], MOVE, rules=hard)
        assert found(shortfalls) == [("continuity", "subject", "A", 0, 1, 1)]
        assert shortfalls[0].detail == "chinese"
        one_school = {"rules": hard, "schools": make_schools(legal=("A", "A"))}
        assert judge([{}, newcomer, newcomer, *gym], {"T1": ("B", "stay")}, **one_school) == ()
        assert judge([newcomer] * 6, {"T1": ("B", "cross_school")}, spoil=with_posting(0, form="return"), rules=hard)

    def test_a_principal_moves_after_three_terms(self):
        """Nine years: since 1 September 2018."""
        rows = [{"role": "principal", "joined": "2018-09-01"}, {"role": "principal", "school": "B"}]
        (shortfall, other) = judge(rows)
        assert (shortfall.rule, shortfall.hardness, shortfall.where, other.where) == (
            "principal_terms",
            "soft",
            "A",
            "B",
        )
        assert judge(rows, {"T1": ("B", "rotation"), "T2": ("A", "rotation")}) == ()
        assert judge([rows[0] | {"joined": "2018-09-02"}]) == ()

    def test_swaps(self):
        rows, hard = [{}, {"school": "B"}], {"swaps": "hard"}
        assert judge(rows, MOVE | {"T2": ("A", "rotation")}, rules=hard) == ()
        assert found(judge(rows, MOVE, rules=hard)) == [("swaps", "", "A", 0, 1, 1), ("swaps", "", "B", 1, 0, 1)]

    def test_budget(self):
        """Two move for 8,000 yuan each; 10,000 pay for one."""
        subsidy = {"rotation": {"subsidy": {"housing_yuan": 6000.0, "transport_yuan": 2000.0}, "budget_yuan": 10000.0}}
        two = MOVE | {"T2": ("B", "rotation")}
        assert judge([{}, {}], MOVE, policy=subsidy) == ()
        assert found(judge([{}, {}], two, policy=subsidy)) == [("budget", "", "", 16000, 10000, 1)]
        enough = merge(subsidy, {"rotation": {"budget_yuan": 16000.0}})
        assert judge([{}, {}], two, policy=enough) == ()


class TestBalance:
    """Two backbone teachers at A, none at B, 40 children each: 5 and 0 per 100, mean 2.5, S = 2.5, CV = 1."""

    ROWS = ({"backbone": True}, {"backbone": True})

    def test_the_variation_has_a_limit(self):
        hard = {"rules": {"balance_cv": "hard"}, "policy": {"balance": {"indicators": ["backbone"]}}}
        assert judge(self.ROWS, MOVE, **hard) == ()
        (shortfall,) = judge(self.ROWS, **hard)
        assert found([shortfall]) == [("balance_cv", "backbone", "", 1.0, 0.5, 0.5)]
        assert (shortfall.before, shortfall.is_fault) == (1.0, True)

    def test_support_staff_special_schools_and_small_points_do_not_count(self):
        hard = {"rules": {"balance_cv": "hard"}, "policy": {"balance": {"indicators": ["backbone"]}}}
        assert judge([{"backbone": True, "role": "support"}], **hard) == ()
        for kind in ("special", "teaching_point"):
            assert judge(self.ROWS, **hard, schools=make_schools(types=("primary", kind))) == ()
        larger = [CLASSES[0], ("B", "primary", "1", 50, 1)]
        point = make_schools(types=("primary", "teaching_point"))
        assert judge(self.ROWS, **hard, schools=point, classes=larger)[0].rule == "balance_cv"

    def test_the_published_example(self):
        """Five schools and their books: 0.5153; without weights it would be 0.4888, or 0.5465 with n - 1."""
        students, books = np.array([45.0, 37, 89, 76, 55]), np.array([279.0, 137, 935, 160, 402])
        assert compute_variation(books, students) == pytest.approx(0.5153, abs=5e-5)
        assert compute_variation(np.zeros(5), students) == 0.0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_shortfall_names_a_person_and_each_can_be_said(language):
    rows = [{"backbone": True}, {"exempt": "illness"}, {"role": "principal"}]
    posts = {"T1": ("B", "coordinated"), "T2": ("B", "rotation"), "T3": ("B", "return")}
    hard = {"continuity": "hard", "balance_cv": "hard"}
    shortfalls = judge(rows, posts, rules=hard, filled={("A", "primary", "chinese"): 1.0})
    said = [describe_shortfall(shortfall, language) for shortfall in shortfalls]
    assert len({shortfall.rule for shortfall in shortfalls}) > 4
    assert not any("T1" in sentence or "T2" in sentence or "{" in sentence for sentence in said)


def test_a_subject_is_called_by_its_name():
    (shortfall,) = judge([{}], {"T1": ("B", "coordinated")})
    assert "（语文）" in describe_shortfall(shortfall, "zh")


def test_a_plan_of_children_is_judged_by_the_rules_of_posts_too():
    from builders import make_plan, make_travel

    district = make_pool([{}], rules={"small_classes": "off", "class_size": "off"})
    travel = make_travel(district)
    plan = make_plan(
        district, travel, "AABB", classes=[(s, "primary", str(g), 10, 1) for s in "AB" for g in range(1, 7)]
    )
    staff = make_staff_plan(district, {"T1": ("", "stay")}, classes=[(s, "primary", "1", 10, 1) for s in "AB"]).staff
    shortfalls = recheck_plan(district, travel, replace(plan, staff=staff))
    assert found(shortfalls) == [("postings", "dropped", "A", 1, 0, 1)]
