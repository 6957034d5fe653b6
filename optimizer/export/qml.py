"""QML, the form in which QGIS keeps a layer's style: a tree of rules, and the field that labels it."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from optimizer.export.colours import INK, PAPER

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.16.0"
"""The oldest QGIS that knows all that is written here."""
_CLASSES = {"fill": "SimpleFill", "line": "SimpleLine", "marker": "SimpleMarker"}
_AROUND_THE_POINT = "0"


@dataclass(frozen=True)
class Rule:
    """What is drawn where `condition`, an expression of QGIS, holds ("": everywhere); `label` stands in the legend.

    `kind` of the symbol is "fill", "line" or "marker", "" for none, and `look` its properties. A rule that is not
    `shown` waits in the legend to be switched on.
    """

    label: str
    condition: str = ""
    kind: str = ""
    look: Mapping[str, str] = field(default_factory=dict)
    below: Sequence["Rule"] = ()
    shown: bool = True


def write_qml(rules: Sequence[Rule], label: str = "") -> str:
    """Return a style of some rules; `label` is the expression that labels the features, "" for none."""
    root = ET.Element(
        "qgis", version=_VERSION, styleCategories="Symbology|Labeling", labelsEnabled="1" if label else "0"
    )
    renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    tree, symbols, keys = ET.SubElement(renderer, "rules", key="{rules}"), ET.Element("symbols"), count()
    for rule in rules:
        _add_rule(tree, symbols, rule, keys)
    renderer.append(symbols)
    if label:
        _add_labels(root, label)
    return _DOCTYPE + ET.tostring(root, encoding="unicode")


def rgb(colour: str) -> str:
    """Return a colour such as #2B5C8A in the form of QGIS."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _add_rule(parent: ET.Element, symbols: ET.Element, rule: Rule, keys: "count[int]") -> None:
    said = {"key": f"{{rule-{next(keys)}}}", "label": rule.label, "filter": rule.condition}
    element = ET.SubElement(parent, "rule", {name: text for name, text in said.items() if text})
    if not rule.shown:
        element.set("checkstate", "0")
    if rule.kind:
        name = str(len(symbols))
        element.set("symbol", name)
        symbol = ET.SubElement(symbols, "symbol", name=name, type=rule.kind, alpha="1", clip_to_extent="1")
        layer = ET.SubElement(
            symbol, "layer", {"class": _CLASSES[rule.kind], "enabled": "1", "pass": "0", "locked": "0"}
        )
        for key, value in rule.look.items():
            ET.SubElement(layer, "prop", k=key, v=value)
    for each in rule.below:
        _add_rule(element, symbols, each, keys)


def _add_labels(root: ET.Element, expression: str) -> None:
    """Black on a white rim, beside the point, as plain text."""
    settings = ET.SubElement(ET.SubElement(root, "labeling", type="simple"), "settings", calloutType="simple")
    style = ET.SubElement(
        settings, "text-style", fieldName=expression, isExpression="1", fontSize="8", fontSizeUnit="Point",
        textColor=rgb(INK), textOpacity="1", allowHtml="0",
    )  # fmt: skip
    ET.SubElement(style, "text-buffer", bufferDraw="1", bufferSize="0.7", bufferSizeUnits="MM", bufferColor=rgb(PAPER))
    ET.SubElement(settings, "placement", placement=_AROUND_THE_POINT, dist="1", distUnits="MM")
