"""The two standards a document keeps at once: PDF/A-2a, to be read in thirty years, and PDF/UA-1, to be read aloud.

The printer declares one of them. The other one's mark is added here to the same metadata, with the description of its
schema that PDF/A asks for (ISO 19005-2, 6.6.2.3).
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring, register_namespace, SubElement, tostring

VARIANT = "pdf/a-2a"
COLOURS = "srgb-of-ours"
"""A name of our own: under its own name the printer opens its profile anew for each document."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
UA = "http://www.aiim.org/pdfua/ns/id/"
EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
PREFIXES = {"rdf": RDF, "pdfuaid": UA, "pdfaExtension": EXTENSION, "pdfaSchema": SCHEMA, "pdfaProperty": PROPERTY}


def keep_standards(document: Any) -> dict[str, Any]:
    """Have a laid out document of WeasyPrint keep both; how it is then written."""
    written = document.metadata.generate_rdf_metadata

    def with_both(variant: str, version: int, conformance: str) -> bytes:
        return _marked(written(variant, version, conformance))

    document.metadata.generate_rdf_metadata = with_both
    document.color_profiles, document.output_intent = {COLOURS: _colours()}, COLOURS
    return {"pdf_variant": VARIANT, "pdf_tags": True, "pdf_version": "1.7", "output_intent": COLOURS}


@cache
def _colours() -> Any:
    """What the colours of a document mean: sRGB, from the profile that the printer ships, read once."""
    from weasyprint import pdf
    from weasyprint.css import ColorProfile

    own = Path(pdf.__file__).with_name("sRGB2014.icc").read_bytes()

    class Kept(ColorProfile):
        content = own  # once somebody read its name, the library writes the profile in other bytes

    return Kept(BytesIO(own), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))


def _marked(metadata: bytes) -> bytes:
    for prefix, address in PREFIXES.items():
        register_namespace(prefix, address)
    rdf = fromstring(metadata)  # noqa: S314 - the printer's own words
    mark = SubElement(rdf, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    SubElement(mark, f"{{{UA}}}part").text = "1"
    described = SubElement(rdf, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    schemas = SubElement(SubElement(described, f"{{{EXTENSION}}}schemas"), f"{{{RDF}}}Bag")
    schema = SubElement(schemas, f"{{{RDF}}}li", {f"{{{RDF}}}parseType": "Resource"})
    _say(schema, SCHEMA, schema="PDF/UA identification schema", namespaceURI=UA, prefix="pdfuaid")
    properties = SubElement(SubElement(schema, f"{{{SCHEMA}}}property"), f"{{{RDF}}}Seq")
    part = SubElement(properties, f"{{{RDF}}}li", {f"{{{RDF}}}parseType": "Resource"})
    _say(part, PROPERTY, name="part", valueType="Integer", category="internal", description="part of ISO 14289")
    return tostring(rdf, encoding="utf-8")


def _say(element: Element, namespace: str, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(element, f"{{{namespace}}}{name}").text = text
