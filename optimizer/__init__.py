"""The engine: from an instance folder to a proved, checked and mapped plan."""

import os

# The last digit of a sum that threads share depends on how many there are: two machines would not print the same.
for _threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_threads, "1")
