"""An entity in the words of schema.org, for search engines."""

from __future__ import annotations

from typing import Any, Final

import pyoxigraph as ox

from territoires.entities.model import Entity
from territoires.namespaces import expand

_TYPES: Final = {
    expand(f"ti:{name}"): type_
    for name, type_ in {
        "Territory": "AdministrativeArea",
        "Region": "AdministrativeArea",
        "Department": "AdministrativeArea",
        "OverseasCollectivity": "AdministrativeArea",
        "Intercommunality": "AdministrativeArea",
        "Commune": "City",
        "Funder": "GovernmentOrganization",
        "Organisation": "Organization",
        "Official": "Person",
        "Announcement": "Event",
        "SupportMeasure": "GovernmentService",
        "Source": "CreativeWork",
        "Axis": "DefinedTerm",
    }.items()
}
_GRAPH: Final = expand("dcat:Dataset")
_WITHIN: Final = ("ti:inIntercommunality", "ti:inDepartment", "ti:inRegion", "ti:countedUnder")


def schema_org(entity: Entity, url: str) -> dict[str, Any]:
    """Return JSON-LD for a page about `entity`.

    Args:
        entity: what the page is about.
        url: address of the page.
    """
    classes = {one.iri for one in entity.types}
    type_ = next((name for iri, name in _TYPES.items() if iri in classes), "Dataset" if _GRAPH in classes else "Thing")
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": type_,
        "@id": entity.iri,
        "url": url,
        "name": entity.label,
        "alternateName": [fact.value.value for fact in entity.other_names if not isinstance(fact.value, ox.BlankNode)],
        "identifier": [*entity.texts("dct:identifier"), *entity.texts("igeo:codeINSEE"), *entity.texts("ti:siren")],
        "description": entity.text("dct:description") or entity.text("skos:definition"),
        "sameAs": [*entity.texts("owl:sameAs"), *entity.texts("schema:sameAs")],
        "startDate": entity.text("ti:date") if type_ == "Event" else "",
        "datePublished": entity.text("dct:issued") if type_ in {"CreativeWork", "Dataset"} else "",
        "license": entity.text("dct:license"),
    }
    if type_ in {"AdministrativeArea", "City"}:
        said["containedInPlace"] = [
            {"@id": fact.value.value, "name": fact.label}
            for name in _WITHIN
            for fact in getattr(entity.get(name), "facts", ())
            if isinstance(fact.value, ox.NamedNode)
        ]
    return {key: value for key, value in said.items() if value}
