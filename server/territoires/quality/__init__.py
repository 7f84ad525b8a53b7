"""Quality of the ontology: the half of OOPS!, FOOPS! and LOV that needs no network, as named checks.

- `structure`, `naming`: pitfalls of the OntOlogy Pitfall Scanner! (oops.linkeddata.es/catalogue.jsp);
- `foops`: tests of the Ontology Pitfall Scanner for FAIR (w3id.org/foops/catalogue);
- `lov`: *Metadata Recommendations For Linked Open Data Vocabularies* 1.1, of Linked Open Vocabularies;
- `house`: two rules of this project about the IRIs of all its files.

What each check means stands in the docstring of its function, in our own words.
"""

from territoires.quality.checks import Check, Finding, Outcome
from territoires.quality.external import ExternalTerms, read_external_terms
from territoires.quality.inspection import CHECKS, as_json, describe, inspect
from territoires.quality.ontology import Ontology, read_ontology

__all__ = [
    "CHECKS",
    "Check",
    "ExternalTerms",
    "Finding",
    "Ontology",
    "Outcome",
    "as_json",
    "describe",
    "inspect",
    "read_external_terms",
    "read_ontology",
]
