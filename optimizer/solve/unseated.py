"""Why children find no seat whatever the catchments: a proof for all catchments at once."""

import numpy as np

from models.district import District, Travel
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.seats import Options, write_seats
from optimizer.formulation.sitting import may_sit, who_sits
from optimizer.solve.prove import prove_by_sums

SECONDS = 60.0


def prove_unseated(f: Formulation, district: District, travel: Travel) -> bool:
    """Return whether a weighted sum of all rules about seats contradicts itself, so that no catchments help."""
    parties, taken = who_sits(f, district)
    party, school = np.nonzero(may_sit(f, district, travel, parties))
    none = np.zeros(len(party))
    km = travel.metres[parties.unit[party], school] / 1000.0
    program = write_seats(f, parties, Options(party, school, km, none > 0, none + np.inf), taken)
    return prove_by_sums(program, SECONDS)
