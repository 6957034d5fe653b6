"""Every rule of rotation where it binds: what it allows, what it forbids, and the optimum by hand.

Schools stand a kilometre apart in a row: A, B, C, D in U1 to U4. A class of grade 1 has 14 lessons of Chinese, which is
one post; an ordinary teacher gives one, works at A since 2015, and is eligible. Vacancies come before moves. Unless a
test says otherwise nothing but its own rule asks for a move.
"""

import numpy as np
import pytest
from builders import STEP, WEST, make_schools
from postings import LESSONS, make_pool
from staff import solve_posts

from models.outcome import Status

HOME = {"lon": WEST + STEP / 2, "lat": 30.205}
"""Where A stands."""
AT_B, AT_C = {"school": "B"}, {"school": "C"}
NEAR_B = {"lon": WEST + STEP * 1.5, "lat": 30.205}
BACKBONE = {"backbone": True}
HEAD = {"class_head_grade": "3"}
FOR_PE = {"certificate_subject": "pe"}


def solve(rows, classes=None, *, homes="AB", rotation=None, staffing=None, policy=None, lessons=LESSONS, **more):
    """`classes` says how many classes of grade 1, of 40 children each, the schools of `homes` have; one each if not."""
    schools = more.pop("schools", {})
    district = make_pool(
        rows,
        lessons=lessons,
        schools=make_schools({school: unit for unit, school in enumerate(homes)}, **schools),
        policy={"rotation": rotation or {}, "staffing": staffing or {}} | (policy or {}),
        rules={"staff_quota": "off", "commute": "off"} | more.pop("rules", {}),
        **more,
    )
    counts = classes or [1] * len(homes)
    return solve_posts(
        district, [(school, "primary", "1", 40 * n, n) for school, n in zip(homes, counts, strict=True) if n]
    )


def values(posted):
    """Vacancies and moves."""
    return round(posted.vacancies, 2), len(posted.moves)


def test_who_is_spare_fills_the_post_that_is_vacant():
    posted = solve([{}, {}])
    assert values(posted) == (0, 1)
    assert posted.status is Status.OPTIMAL


class TestShare:
    """Everybody is where there is a post. A tenth of two, or of three, is one teacher: rounded up."""

    def test_a_move_that_is_due_is_a_swap(self):
        """One move alone would leave a post vacant at the school it leaves."""
        assert values(solve([{}, AT_B])) == (0, 0)
        assert values(solve([{}, AT_B], rules={"rotation_share": "hard"})) == (0, 2)

    def test_of_the_eligible_alone(self):
        rows = [{"exempt": "x"}, AT_B | {"staff_type": "contract"}]
        assert values(solve(rows, rules={"rotation_share": "hard"})) == (0, 0)

    def test_in_the_district_two_swap_and_at_each_school_three_go_round(self):
        rows, rules = [{}, AT_B, AT_C], {"rotation_share": "hard"}
        assert values(solve(rows, homes="ABC", rules=rules)) == (0, 2)
        each = {"scope": "each_sending_school"}
        assert values(solve(rows, homes="ABC", rules=rules, rotation=each)) == (0, 3)

    def test_a_school_that_can_send_nobody_need_not(self):
        """C is the weakest: nobody rotates from there. A sends to B or C, B to C: two leave, and C holds too many."""
        posted = solve(
            [{}, AT_B, AT_C],
            homes="ABC",
            rules={"rotation_share": "hard"},
            rotation={"scope": "each_sending_school"},
            schools={"strength": np.array([3.0, 2.0, 1.0])},
        )
        assert values(posted) == (1, 2)
        assert posted.moves == {"T1": "B", "T2": "C"}

    def test_a_certificate_for_another_stage_makes_no_school_a_sender(self):
        """She may teach primary children too, but rotates within her stage, and no other school has a junior one."""
        posted = solve_posts(
            make_pool(
                [{"stage": "junior", "certificate_stage": "senior"}, AT_B],
                lessons=[*LESSONS, ("junior", "7", "chinese", 12.0, "subject")],
                schools=make_schools(types=("nine_year", "primary")),
                rules={"rotation_share": "hard"},
                policy={"rotation": {"scope": "each_sending_school"}},
                instance={"stages": ["primary", "junior"]},
            ),
            [("A", "junior", "7", 40, 1), ("B", "primary", "1", 40, 1)],
        )
        assert values(posted) == (0, 0)

    def test_soft_it_is_short_by_teachers(self):
        """Nobody can go down from either school: they are equally strong."""
        equal = {"strength": np.array([2.0, 2.0])}
        posted = solve([{}, AT_B], rules={"rotation_share": "soft"}, schools=equal)
        assert (posted.levels["rotation"], values(posted)) == (1, (0, 0))
        assert solve([{}, AT_B], rules={"rotation_share": "hard"}, schools=equal).status is Status.INFEASIBLE


class TestBackbone:
    def test_among_those_moved(self):
        """Of two who swap a fifth is one backbone teacher: it is B with C, not A with B."""
        rows, rules = [{}, AT_B, AT_C | BACKBONE], {"rotation_share": "hard", "rotation_backbone": "hard"}
        posted = solve(rows, homes="ABC", rules=rules)
        assert values(posted) == (0, 2)
        assert "T3" in posted.moves

    def test_where_nobody_is_one_nobody_moves(self):
        rules = {"rotation_share": "hard", "rotation_backbone": "hard"}
        assert values(solve([BACKBONE, AT_B], rules=rules)) == (0, 2)
        assert solve([{}, AT_B], rules=rules).status is Status.INFEASIBLE

    def test_a_larger_share_than_the_swap_has_costs_a_post(self):
        """Of a swap one half is backbone: where six tenths are asked, she goes alone."""
        posted = solve(
            [BACKBONE, AT_B],
            rules={"rotation_share": "hard", "rotation_backbone": "hard"},
            rotation={"backbone_share": 0.6},
        )
        assert values(posted) == (1, 1)
        assert posted.moves == {"T1": "B"}

    def test_of_the_eligible(self):
        """A fifth of two eligible is one backbone teacher moved, though no share has to move."""
        rows, rules = [BACKBONE, AT_B], {"rotation_backbone": "hard"}
        assert values(solve(rows, rules=rules)) == (0, 0)
        posted = solve(rows, rules=rules, rotation={"backbone_of": "eligible"})
        assert values(posted) == (0, 2)
        posted = solve([{}, AT_B], rules=rules | {"rotation_backbone": "soft"}, rotation={"backbone_of": "eligible"})
        assert (posted.levels["rotation"], values(posted)) == (1, (0, 0))


class TestWhereTo:
    """T1 and T2 at A, where one post is; the other post is at B."""

    @pytest.mark.parametrize(("strength", "expected"), [((2.0, 1.0), (0, 1)), ((2.0, np.nan), (0, 1))])
    def test_down(self, strength, expected):
        assert values(solve([{}, {}], schools={"strength": np.array(strength)})) == expected

    @pytest.mark.parametrize("strength", [(1.0, 2.0), (2.0, 2.0)])
    def test_never_up_or_level(self, strength):
        """Whoever is not eligible is sent all the same: that is no rotation."""
        schools = {"strength": np.array(strength)}
        assert values(solve([{}, {"exempt": "x"}], schools=schools)) == (0, 1)
        assert values(solve([{"volunteer": True}, {"exempt": "x"}], schools=schools)) == (0, 1)

    def test_softly_up(self):
        up = {"strength": np.array([1.0, 2.0])}
        posted = solve([{}, {}], schools=up, rules={"direction": "soft"})
        assert (posted.levels["rotation"], values(posted)) == (1, (0, 1))

    @pytest.mark.parametrize(
        ("row", "hardness", "vacant"),
        [
            ({"certificate_subject": "chinese"}, "hard", 0),
            ({"certificate_subject": "pe"}, "hard", 1),
            ({"certificate_subject": "pe"}, "off", 0),
        ],
    )
    def test_certificate_for_the_subject(self, row, hardness, vacant):
        assert values(solve([row, row], rules={"certificate": hardness})) == (vacant, 1 - vacant)

    @pytest.mark.parametrize(("certificate", "vacant"), [("", 1), ("primary", 1), ("junior", 0), ("senior", 0)])
    def test_certificate_for_the_stage(self, certificate, vacant):
        """Spare in primary Chinese at A; the post is a junior one at B (小学转初中)."""
        posted = solve_posts(
            make_pool(
                [{"certificate_stage": certificate}],
                lessons=[*LESSONS, ("junior", "7", "chinese", 12.0, "subject")],
                schools=make_schools(types=("primary", "junior")),
                instance={"stages": ["primary", "junior"]},
            ),
            [("B", "junior", "7", 40, 1)],
        )
        assert values(posted) == (vacant, 1 - vacant)
        assert posted.posting("T1") == (("A", "primary", "stay") if vacant else ("B", "junior", "coordinated"))

    def test_another_stage_of_the_own_school_has_a_day_and_a_reason(self):
        """A nine-year school with no primary class left and a junior one: nobody moves, one changes the stage."""
        posted = solve_posts(
            make_pool(
                [{"certificate_stage": "senior"}],
                lessons=[*LESSONS, ("junior", "7", "chinese", 12.0, "subject")],
                schools=make_schools(types=("nine_year", "junior")),
                instance={"stages": ["primary", "junior"]},
            ),
            [("A", "junior", "7", 40, 1)],
        )
        assert values(posted) == (0, 0)
        assert posted.posting("T1") == ("A", "junior", "stay")
        row = posted.plan.staff.postings.iloc[0]
        assert (row["effective"], row["reason"], row["from_stage"]) == ("2027-09-01", "changes_stage", "primary")

    def test_a_certificate_below_the_stage_taught_leads_down_alone(self):
        """Junior teachers with a certificate for primary school: spare at A, and a post of either stage elsewhere."""
        row = {"stage": "junior", "certificate_stage": "primary"}
        found = {}
        for stage, grade, kind in (("primary", "1", "primary"), ("junior", "7", "junior")):
            district = make_pool(
                [row],
                lessons=[*LESSONS, ("junior", "7", "chinese", 12.0, "subject")],
                schools=make_schools(types=("junior", kind)),
                instance={"stages": ["primary", "junior"]},
            )
            found[stage] = values(solve_posts(district, [("B", stage, grade, 40, 1)]))
        assert found == {"primary": (0, 1), "junior": (1, 0)}

    @pytest.mark.parametrize(("left", "vacant"), [("2024-09-01", 0), ("2024-09-02", 1)])
    def test_not_back_within_three_years(self, left, vacant):
        row = {"previous_school": "B", "left_previous": left}
        assert values(solve([row, row], rules={"no_return": "hard"})) == (vacant, 1 - vacant)
        posted = solve([row, row], rules={"no_return": "soft"})
        assert (posted.levels.get("rotation", 0.0), values(posted)) == (vacant, (0, 1))

    @pytest.mark.parametrize(("most", "vacant"), [(950.0, 1), (980.0, 0)])
    def test_not_too_far_from_home(self, most, vacant):
        """A hundredth of a degree at 30.2 degrees north is 962 m."""
        rows, rotation = [HOME, HOME], {"max_commute_m": most}
        assert values(solve(rows, rules={"commute": "hard"}, rotation=rotation)) == (vacant, 1 - vacant)
        posted = solve(rows, rules={"commute": "soft"}, rotation=rotation)
        assert (posted.levels.get("rotation", 0.0), values(posted)) == (vacant, (0, 1))

    def test_nobody_knows_how_far_from_nowhere(self):
        assert values(solve([{}, {}], rules={"commute": "hard"}, rotation={"max_commute_m": 1.0})) == (0, 1)

    def test_in_the_same_pool(self):
        zones = {"zone": ("east", "west")}
        assert values(solve([{}, {}], schools=zones)) == (0, 1)
        assert values(solve([{}, {}], schools=zones, staffing={"pool_level": "zone"})) == (1, 0)

    def test_inside_a_legal_school_nobody_moves(self):
        posted = solve([{}, {}], schools={"legal": ("A", "A")})
        assert (values(posted), posted.levels.get("moves", 0.0)) == ((0, 0), 0)

    def test_into_another_region_it_is_support(self):
        posted = solve([{}, {}], schools={"region": ("west", "east")})
        assert sorted(posted.posting(teacher)[2] for teacher in ("T1", "T2")) == ["stay", "support"]


class TestCertificateSoftly:
    """T1 and T2 teach Chinese at A, where one post is, on certificates for PE; the other post is at B."""

    @pytest.mark.parametrize(("hardness", "expected"), [("hard", (1, 0, 0)), ("soft", (0, 1, 1)), ("off", (0, 1, 0))])
    def test_a_post_costs_a_teacher(self, hardness, expected):
        posted = solve([FOR_PE, FOR_PE], rules={"certificate": hardness})
        assert (*values(posted), posted.levels.get("rotation", 0.0)) == expected

    def test_whoever_is_certified_goes_first(self):
        posted = solve([FOR_PE | NEAR_B, HOME], rules={"certificate": "soft"})
        assert (posted.moves, posted.levels.get("rotation", 0.0)) == ({"T2": "B"}, 0)

    def test_another_site_is_a_new_post_though_no_move(self):
        posted = solve([FOR_PE, FOR_PE], rules={"certificate": "soft"}, schools={"legal": ("A", "A")})
        assert (values(posted), posted.levels["rotation"]) == ((0, 0), 1)

    def test_a_first_post_is_a_new_one_too(self):
        posted = solve([{}, FOR_PE | {"school": ""}], rules={"certificate": "soft"})
        assert (values(posted), posted.levels["rotation"]) == ((0, 0), 1)

    def test_a_certificate_below_the_stage_costs_one_as_well(self):
        district = make_pool(
            [{"stage": "junior", "certificate_stage": "primary"}],
            lessons=[("junior", "7", "chinese", 12.0, "subject")],
            schools=make_schools(types=("junior", "junior")),
            instance={"stages": ["junior"]},
            rules={"certificate": "soft"},
        )
        posted = solve_posts(district, [("B", "junior", "7", 40, 1)])
        assert (values(posted), posted.levels["rotation"]) == ((0, 1), 1)


class TestClassHeads:
    """T1, who heads a class that goes on, and T2 are at A, where one post is; T1 lives at B, where the other is."""

    ROWS = (HEAD | NEAR_B, HOME)

    @pytest.mark.parametrize(("turn", "mover"), [("stay", "T2"), ("last", "T2"), ("move", "T1")])
    def test_who_goes(self, turn, mover):
        posted = solve(self.ROWS, rotation={"class_heads": turn})
        assert (posted.moves, posted.levels.get("rotation", 0.0)) == ({mover: "B"}, 0)

    @pytest.mark.parametrize(("turn", "expected"), [("stay", (1, 0, 0)), ("last", (0, 1, 1)), ("move", (0, 1, 0))])
    def test_where_nobody_else_can(self, turn, expected):
        posted = solve([HEAD, {"exempt": "x"}], rotation={"class_heads": turn})
        assert (*values(posted), posted.levels.get("rotation", 0.0)) == expected

    @pytest.mark.parametrize(("turn", "moves"), [("last", {"T2": "B", "T3": "C"}), ("move", {"T1": "C"})])
    def test_two_others_go_rather_than_one_of_them(self, turn, moves):
        """Nobody but T1 can go from A to C: T2 came from there a year ago. T3 can, from B, and T2 take the turn."""
        rows = [HEAD, {"previous_school": "C", "left_previous": "2026-09-01"}, AT_B]
        assert solve(rows, homes="ABC", rotation={"class_heads": turn}).moves == moves

    def test_they_count_among_those_of_whom_a_share_moves(self):
        """A tenth of one is one."""
        rows, rules = [HEAD, AT_B | {"exempt": "x"}], {"rotation_share": "hard"}
        found = {turn: values(solve(rows, rules=rules, rotation={"class_heads": turn})) for turn in ("stay", "last")}
        assert found == {"stay": (0, 0), "last": (1, 1)}

    def test_a_recruit_heads_no_class_yet(self):
        posted = solve([{}, HEAD | {"school": ""}], rotation={"class_heads": "last"})
        assert (values(posted), posted.levels.get("rotation", 0.0)) == ((0, 0), 0)


class TestForms:
    def test_who_goes_home_goes_whatever_the_rules_say(self):
        """The term at A is over: the post there stays vacant."""
        row = {
            "home_school": "B",
            "rotation_until": "2027-08-31",
            "previous_school": "B",
            "left_previous": "2024-09-02",
        }
        posted = solve([row, AT_B], rules={"rotation_share": "hard"}, rotation={"max_leaving_share": 0.0})
        assert posted.posting("T1")[2] == "return"

    @pytest.mark.parametrize(
        "home",
        [
            {"status": ("open", "closed")},
            {"private": np.array([False, True])},
            {"types": ("primary", "junior")},
        ],
    )
    def test_who_has_no_home_to_go_to_stays(self, home):
        """It is closed, private, or teaches another stage."""
        guest = {"home_school": "B", "rotation_until": "2027-08-31", "joined": "2024-09-01"}
        posted = solve([guest], [1, 0], schools=home)
        assert values(posted) == (0, 0)
        assert posted.posting("T1") == ("A", "primary", "stay")

    def test_a_special_school_is_a_home_for_every_stage(self):
        guest = {"home_school": "B", "rotation_until": "2027-08-31", "joined": "2024-09-01"}
        posted = solve([guest], [1, 0], schools={"types": ("primary", "special")})
        assert posted.posting("T1") == ("B", "primary", "return")

    @pytest.mark.parametrize("status", ["closed", "candidate"])
    def test_nobody_is_sent_to_a_school_that_is_not_open(self, status):
        """It has a class in the table all the same: its post stays vacant."""
        posted = solve([{}, {}, {"school": ""}], schools={"status": ("open", status)})
        assert values(posted) == (1, 0)

    def test_a_recruit_takes_the_vacant_post(self):
        posted = solve([{}, {"school": ""}])
        assert values(posted) == (0, 0)
        assert posted.posting("T2") == ("B", "primary", "recruit")

    @pytest.mark.parametrize(
        ("row", "form"),
        [
            ({}, "rotation"),
            ({"joined": "2025-09-01"}, "coordinated"),
            ({"joined": "2025-09-01", "volunteer": True}, "cross_school"),
            ({"staff_type": "contract"}, "coordinated"),
        ],
    )
    def test_of_each_posting(self, row, form):
        posted = solve([{"exempt": "x"}, row])
        assert posted.posting("T2") == ("B", "primary", form)

    def test_who_is_not_spare_is_not_sent(self):
        """Half a post at A, one at B. To go there would leave half a post vacant instead of one."""
        lessons = [*LESSONS, ("primary", "2", "chinese", 7.0, "subject")]
        classes = [("A", "primary", "2", 40, 1), ("B", "primary", "1", 40, 1)]
        rows = {
            "eligible": {},
            "asks for it": {"joined": "2025-09-01", "volunteer": True},
            "not": {"joined": "2025-09-01"},
        }
        found = {name: values(solve_posts(make_pool([row], lessons=lessons), classes)) for name, row in rows.items()}
        assert found == {"eligible": (0.5, 1), "asks for it": (0.5, 1), "not": (1, 0)}

    def test_no_more_than_are_spare_are_sent(self):
        """Two and a half posts at A, three at B, four teachers at A: one whole one is spare, though two would help."""
        lessons = [*LESSONS, ("primary", "2", "chinese", 7.0, "subject")]
        classes = [("A", "primary", "1", 80, 2), ("A", "primary", "2", 40, 1), ("B", "primary", "1", 120, 3)]
        short, long = ([{"joined": joined}] * 4 for joined in ("2025-09-01", "2015-09-01"))
        assert values(solve_posts(make_pool(short, lessons=lessons), classes)) == (2, 1)
        assert values(solve_posts(make_pool(long, lessons=lessons), classes)) == (1.5, 2)


class TestContinuity:
    """Four at A, where two posts are; two posts are vacant at B."""

    @pytest.mark.parametrize(("share", "expected"), [(0.5, (0, 2)), (0.49, (1, 1)), (0.2, (2, 0))])
    def test_of_a_staff_no_more_than_a_share_leaves(self, share, expected):
        posted = solve([{}] * 4, [2, 2], rules={"continuity": "hard"}, rotation={"max_leaving_share": share})
        assert values(posted) == expected

    def test_support_staff_and_those_who_retire_are_not_counted(self):
        """A fifth of four is nobody; with a fifth teacher it is one."""
        rules = {"continuity": "hard"}
        for extra in ({"role": "support"}, {"leave": "retiring"}):
            assert values(solve([{}] * 4 + [extra], [2, 2], rules=rules)) == (2, 0)
        assert values(solve([{}] * 4 + [{"leave": "sick"}], [2, 2], rules=rules)) == (1, 1)

    def test_those_who_go_home_are_counted_among_them(self):
        """A fifth of five may leave, and one goes home."""
        home = {"home_school": "C", "rotation_until": "2027-08-31"}
        posted = solve([{}] * 4 + [home], [2, 2, 1], homes="ABC", rules={"continuity": "hard"})
        assert posted.moves == {"T5": "C"}

    def test_beyond_it_softly(self):
        posted = solve([{}] * 4, [2, 2], rules={"continuity": "soft"})
        assert (posted.levels["rotation"], values(posted)) == (2, (0, 2))

    def test_of_those_who_know_a_subject_one_stays(self):
        """No post is left at A. T1 has been there for five years, T2 for four."""
        rows = [{"joined": "2022-09-01"}, {"joined": "2023-09-01"}]
        rotation = {"max_leaving_share": 1.0, "tenure_years": 3}
        posted = solve(rows, [0, 2], rules={"continuity": "hard"}, rotation=rotation)
        assert values(posted) == (1, 1)
        assert posted.moves == {"T2": "B"}
        assert values(solve(rows, [0, 2], rotation=rotation)) == (0, 2)

    @pytest.mark.parametrize(("posts", "expected"), [([0, 1, 0], (0, 0)), ([0, 0, 1], (1, 0))])
    def test_the_other_site_of_a_legal_school_does_not_lose_them(self, posts, expected):
        """A and B are one legal school, and T1 alone knows the subject at A, where no post is left."""
        rules, sites = {"continuity": "hard"}, {"legal": ("A", "A", "C")}
        posted = solve([{}], posts, homes="ABC", rules=rules, rotation={"max_leaving_share": 1.0}, schools=sites)
        assert values(posted) == expected

    def test_one_at_either_site_is_enough(self):
        rules, sites = {"continuity": "hard"}, {"legal": ("A", "A", "C")}
        rotation = {"max_leaving_share": 1.0}
        posted = solve([{}, AT_B], [0, 1, 1], homes="ABC", rules=rules, rotation=rotation, schools=sites)
        assert values(posted) == (0, 1)

    @pytest.mark.parametrize(
        ("other", "expected"),
        [
            ({"exempt": "x"}, (0, 1)),
            ({"leave": "sick"}, (0, 1)),
            ({"role": "support"}, (1, 0)),
            ({"role": "principal", "exempt": "x"}, (1, 0)),
        ],
    )
    def test_a_colleague_who_stays_is_enough(self, other, expected):
        """Of T1 and a colleague without a choice: support staff and principals do not carry the subject."""
        posted = solve([{}, other], [0, 1], rules={"continuity": "hard"}, rotation={"max_leaving_share": 1.0})
        missing = posted.levels["vacancies"], len(posted.moves)
        assert missing == expected


class TestCouples:
    """T1 and T2 are a couple, and no post is left at A."""

    ROWS = ({"spouse": "T2"}, {"spouse": "T1"})

    def test_not_apart(self):
        """One post at B, one at C."""
        assert values(solve(self.ROWS, [0, 1, 1], homes="ABC", rules={"couples": "hard"})) == (1, 1)
        assert values(solve(self.ROWS, [0, 1, 1], homes="ABC", rules={"couples": "off"})) == (0, 2)
        posted = solve(self.ROWS, [0, 1, 1], homes="ABC", rules={"couples": "soft"})
        assert (posted.levels["rotation"], values(posted)) == (1, (0, 2))

    def test_together(self):
        posted = solve(self.ROWS, [0, 2, 0], homes="ABC", rules={"couples": "hard"})
        assert posted.moves == {"T1": "B", "T2": "B"}

    def test_to_two_sites_of_a_legal_school_is_together(self):
        posted = solve(self.ROWS, [0, 1, 1], homes="ABC", rules={"couples": "hard"}, schools={"legal": ("A", "B", "B")})
        assert values(posted) == (0, 2)


class TestPrincipals:
    """A principal gives 4 of 14 lessons. One at A and one at B: 1.43 of two posts are vacant, whoever is where."""

    def head(self, school, joined):
        return {"role": "principal", "school": school, "joined": joined}

    def test_after_nine_years_to_another_school(self):
        """Joined in 2018, who was nine years at a school in 2027; the other has had two terms, and takes the turn."""
        rows = [self.head("A", "2018-09-01"), self.head("B", "2020-09-01")]
        found = {
            hardness: values(solve(rows, rules={"principal_terms": hardness})) for hardness in ("hard", "soft", "off")
        }
        assert found == {"hard": (1.43, 2), "soft": (1.43, 2), "off": (1.43, 0)}
        rows[0] = self.head("A", "2018-09-02")
        assert values(solve(rows, rules={"principal_terms": "hard"})) == (1.43, 0)

    def test_a_school_keeps_one_and_does_not_get_two(self):
        """The one at B is in the first two terms: nobody can take the place at A, nor leave one at B."""
        rows = [self.head("A", "2018-09-01"), self.head("B", "2022-09-01")]
        assert solve(rows, rules={"principal_terms": "hard"}).status is Status.INFEASIBLE
        posted = solve(rows, rules={"principal_terms": "soft"})
        assert (posted.levels["rotation"], values(posted)) == (1, (1.43, 0))

    def test_who_comes_home_drives_nobody_out(self):
        """The term of the one at A is over, and home is B, which has another: for a year it has two."""
        guest = self.head("A", "2024-09-01") | {"home_school": "B", "rotation_until": "2027-08-31"}
        posted = solve([guest, self.head("B", "2020-09-01")], rules={"principal_terms": "hard"})
        assert posted.moves == {"T1": "B"}

    def test_a_recruit_has_served_nowhere(self):
        """The terms before count at another school; and B, which has no principal, may get one."""
        posted = solve([{}, self.head("", "2015-09-01")], rules={"principal_terms": "hard"})
        assert (values(posted), posted.posting("T2")[0]) == ((0.71, 0), "B")

    def test_to_a_stronger_school_as_well(self):
        rows = [self.head("A", "2018-09-01"), self.head("B", "2018-09-01")]
        posted = solve(rows, rules={"principal_terms": "hard"}, schools={"strength": np.array([1.0, 2.0])})
        assert posted.moves == {"T1": "B", "T2": "A"}

    def test_they_are_none_of_those_of_whom_a_share_moves(self):
        rows = [self.head("A", "2020-09-01"), self.head("B", "2020-09-01")]
        assert values(solve(rows, rules={"rotation_share": "hard"})) == (1.43, 0)


class TestSwapsAndBudget:
    def test_as_many_in_as_out(self):
        """One is spare at A, one post vacant at B. Who is not eligible does not rotate, and may be sent."""
        assert values(solve([{}, {}], rules={"swaps": "hard"})) == (1, 0)
        assert values(solve([{}, {}], rules={"swaps": "off"})) == (0, 1)
        assert values(solve([{}, {"joined": "2025-09-01"}], rules={"swaps": "hard"})) == (0, 1)
        assert values(solve([{}, AT_B], rules={"swaps": "hard", "rotation_share": "hard"})) == (0, 2)

    def test_softly_counted_at_either_school(self):
        posted = solve([{}, {}], rules={"swaps": "soft"})
        assert (posted.levels["rotation"], values(posted)) == (2, (0, 1))

    @pytest.mark.parametrize(("budget", "expected"), [(20_000.0, (0, 2)), (19_999.0, (1, 1)), (0.0, (2, 0))])
    def test_subsidies_within_the_budget(self, budget, expected):
        """10,000 yuan each; two are spare at A, two posts vacant at B."""
        rotation = {"subsidy": {"housing_yuan": 6000.0, "living_yuan": 4000.0}, "budget_yuan": budget}
        assert values(solve([{}] * 4, [2, 2], rotation=rotation, rules={"budget": "hard"})) == expected

    def test_beyond_the_budget_softly(self):
        rotation = {"subsidy": {"housing_yuan": 10_000.0}, "budget_yuan": 10_000.0}
        posted = solve([{}] * 4, [2, 2], rotation=rotation, rules={"budget": "soft"})
        assert (posted.levels["rotation"], values(posted)) == (1, (0, 2))
