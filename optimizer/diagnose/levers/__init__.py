"""What a bureau can change so that all children find a place, in the order in which it would try.

Every lever makes one rule soft, or one number free, and asks how little of that is enough; what comes out is a patch
in the shape of the instance. Never offered are: a class above the norm's cap, exempt teachers, certificates, protected
small schools, the total quota, and what `fixed` says must be.
"""

from optimizer.diagnose.draft import Lever
from optimizer.diagnose.levers.catchments import (
    allow_change,
    allow_pieces,
    coordinate,
    cross_regions,
    divide_units,
    inherit,
    redraw,
)
from optimizer.diagnose.levers.numbers import (
    keep_less_back,
    look_less_far,
    lower_share,
    raise_class_size,
    raise_school_size,
    widen_ceiling,
)
from optimizer.diagnose.levers.rooms import borrow_site, extend, fill_up, open_class, purchase

__all__ = ["LEVERS"]

LEVERS: tuple[Lever, ...] = (
    open_class,
    coordinate,
    redraw,
    purchase,
    extend,
    borrow_site,
    fill_up,
    raise_class_size,
    raise_school_size,
    lower_share,
    allow_change,
    keep_less_back,
    look_less_far,
    inherit,
    cross_regions,
    widen_ceiling,
    divide_units,
    allow_pieces,
)
"""In the order in which a bureau would try."""
