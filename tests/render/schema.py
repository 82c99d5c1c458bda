"""Holds a document against `junit.xsd`: the few parts of XML Schema that it uses, so that no validator need be installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as xml

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMA = Path(__file__).with_name("junit.xsd")


class Schema:
    """The types of a schema by their names."""

    def __init__(self, text: str) -> None:
        self.root = xml.fromstring(text)
        self.types = {item.attrib["name"]: item for item in self.root if "name" in item.attrib}

    def complaints(self, document: str) -> list[str]:
        """What of a document is not as the schema says."""
        root = xml.fromstring(document)
        (top,) = self.root.findall(f"{XS}element")
        if root.tag != top.attrib["name"]:
            return [f"the document is a {root.tag}"]
        return list(self._element(root, top.attrib["type"]))

    def _element(self, element: xml.Element, kind: str) -> Iterator[str]:
        if kind == "xs:string":
            yield from (f"{element.tag} has a {item.tag}" for item in element)
            return
        declared = self.types[kind]
        yield from self._attributes(element, declared)
        text = "".join(filter(None, (element.text, *(item.tail for item in element)))).strip()
        if text and declared.get("mixed") != "true":
            yield f"{element.tag} holds text"
        yield from self._children(element, declared)

    def _attributes(self, element: xml.Element, declared: xml.Element) -> Iterator[str]:
        allowed = {item.attrib["name"]: item for item in declared.findall(f"{XS}attribute")}
        for name, item in allowed.items():
            if name not in element.attrib:
                yield f"{element.tag} has no {name}"
            elif not self._is(element.attrib[name], item.attrib["type"]):
                yield f"{element.tag} has the {name} {element.attrib[name]!r}"
        yield from (f"{element.tag} has a {name}" for name in element.attrib.keys() - allowed.keys())

    def _is(self, value: str, kind: str) -> bool:
        if kind == "xs:string":
            return True
        (pattern,) = self.types[kind].iter(f"{XS}pattern")
        return re.fullmatch(pattern.attrib["value"], value) is not None

    def _children(self, element: xml.Element, declared: xml.Element) -> Iterator[str]:
        group = next((item for item in declared if item.tag in (f"{XS}sequence", f"{XS}choice")), None)
        members = list(group) if group is not None else []
        if group is not None and group.tag == f"{XS}choice":
            if len(element) > 1:
                yield f"{element.tag} has {len(element)} results"
            members = [item for item in members if [item.attrib["name"]] == [child.tag for child in element]]
        rest = list(element)
        for member in members:
            name, most = member.attrib["name"], member.get("maxOccurs", "1")
            found = 0
            while rest and rest[0].tag == name and (most == "unbounded" or found < int(most)):
                found += 1
                yield from self._element(rest.pop(0), member.attrib["type"])
            if found < int(member.get("minOccurs", "1")):
                yield f"{element.tag} has no {name} where it stands"
        yield from (f"{element.tag} has a {item.tag} that does not stand there" for item in rest)
