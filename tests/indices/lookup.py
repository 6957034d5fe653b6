"""One index of a table of indices: its value, and what it is held against."""


def value(frame, code, scope="district", stage="primary"):
    rows = frame[(frame["index"] == code) & (frame["scope"] == scope) & (frame["stage"] == stage)]
    return rows["value"].item() if len(rows) else None


def verdict(frame, code, stage="primary"):
    rows = frame[(frame["index"] == code) & (frame["stage"] == stage)]
    return rows["target"].item(), rows["passes"].item()
