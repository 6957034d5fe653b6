"""What a finished plan leans on, and what one more class, place or teacher would bring it."""

from models.diagnosis import Binding, Price
from models.plan import Plan
from optimizer.diagnose.attempt import Case
from optimizer.diagnose.binding import find_bindings, stand
from optimizer.diagnose.prices import price_rooms
from optimizer.diagnose.teachers import find_staff_bindings, price_teachers
from optimizer.solve import Effort


def weigh_plan(case: Case, plan: Plan, effort: Effort) -> tuple[tuple[Binding, ...], tuple[Price, ...]]:
    """Return what binds in a plan of a case, and the prices found within an effort: of rooms, then of teachers.

    A plan that speaks of posts alone is weighed by its posts alone.
    """
    bindings, prices = find_staff_bindings(case.district, plan), price_teachers(case.district, plan)
    if plan.catchments.empty:
        return bindings, prices
    standing = stand(case.district, case.travel, plan)
    of_rooms = find_bindings(standing)
    return (*of_rooms, *bindings), (*price_rooms(case, plan, standing, of_rooms, effort), *prices)
