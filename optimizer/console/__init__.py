"""What a terminal shows: faults, progress, and a finished run in sentences and tables."""
