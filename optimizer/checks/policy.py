"""Settings that are well formed and still cannot be meant, or ask for what is not built yet."""

from collections import Counter
from collections.abc import Iterator

from optimizer.checks.registry import check
from optimizer.io.findings import Finding
from optimizer.io.source import Source

FILE = "instance.toml"


@check("S202")
def find_roads(source: Source) -> Iterator[Finding]:
    """Distances along roads, which are not built yet."""
    if source.settings is not None and source.settings.travel.method == "roads":
        yield Finding(FILE, column="travel.method", found="roads")


@check("S203")
def find_missing_matrix(source: Source) -> Iterator[Finding]:
    """Distances from a table that is not there."""
    if source.settings is not None and source.settings.travel.method == "matrix" and "travel" not in source.tables:
        yield Finding(FILE, column="travel.method", found="matrix")


@check("S204", "warning")
def find_unused_matrix(source: Source) -> Iterator[Finding]:
    """A table of distances that the method does not read."""
    if source.settings is not None and source.settings.travel.method != "matrix" and "travel" in source.tables:
        yield source.tables["travel"].whole(found=source.settings.travel.method)


@check("S205")
def find_repeated_levels(source: Source) -> Iterator[Finding]:
    """Levels of the objective that stand twice."""
    order = source.settings.objective.order if source.settings is not None else []
    for level, times in Counter(order).items():
        if times > 1:
            yield Finding(FILE, column="objective.order", found=level)


@check("S224")
def find_ceilings_of_no_level(source: Source) -> Iterator[Finding]:
    """Ceilings of levels that the objective does not name."""
    objective = None if source.settings is None else source.settings.objective
    for level in objective.at_most if objective is not None else ():
        if objective is not None and level not in objective.order:
            yield Finding(
                FILE, column=f"objective.at_most.{level}", found=level, facts={"order": ", ".join(objective.order)}
            )


@check("S206")
def find_repeated_stages(source: Source) -> Iterator[Finding]:
    """Stages that are to be planned twice."""
    stages = source.settings.instance.stages if source.settings is not None else []
    for stage, times in Counter(stages).items():
        if times > 1:
            yield Finding(FILE, column="instance.stages", found=stage)


@check("S207", "warning")
def find_caps_above_ceiling(source: Source) -> Iterator[Finding]:
    """Class caps above the ceiling, which binds all the same."""
    if source.settings is None:
        return
    size = source.settings.policy.class_size
    for stage, cap in size.cap.items():
        if size.ceiling is not None and cap > size.ceiling:
            yield Finding(
                FILE, column=f"policy.class_size.cap.{stage}", found=str(cap), facts={"ceiling": size.ceiling}
            )


@check("S208", "warning")
def find_idle_targets(source: Source) -> Iterator[Finding]:
    """Small-class targets that another one implies: where 60 % are at most 35, 50 % are at most 40 already."""
    targets = source.settings.policy.class_size.targets if source.settings is not None else []
    for position, target in enumerate(targets):
        for other_position, other in enumerate(targets):
            stronger = other.max_size <= target.max_size and other.share >= target.share
            if stronger and position != other_position and (other != target or other_position < position):
                facts = {"size": target.max_size, "other_size": other.max_size, "other": f"{100 * other.share:g} %"}
                yield Finding(FILE, column="policy.class_size.targets", found=f"{100 * target.share:g} %", facts=facts)
                break


@check("S218")
def find_mixed_thresholds(source: Source) -> Iterator[Finding]:
    """Thresholds of the outlook out of order, so that one of them is never reached."""
    if source.settings is None:
        return
    outlook = source.settings.policy.outlook
    held = (outlook.red, outlook.orange, outlook.yellow, outlook.surplus)
    if not held[0] >= held[1] >= held[2] > held[3]:
        yield Finding(FILE, column="policy.outlook", found=", ".join(f"{threshold:g}" for threshold in held))


@check("S209", "warning")
def find_unjudged_contiguity(source: Source) -> Iterator[Finding]:
    """Contiguity asked for where neither polygons nor adjacency say who is whose neighbour."""
    units, settings = source.tables.get("units"), source.settings
    if units is None or settings is None or "adjacency" in source.tables:
        return
    asked = settings.catchments.contiguous and settings.rules.contiguous != "off"
    drawn = units.geometry is not None and any(getattr(shape, "area", 0) > 0 for shape in units.geometry)
    if asked and not drawn:
        yield units.whole("geometry")
