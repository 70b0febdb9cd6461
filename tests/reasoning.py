"""OWL 2 RL by owlrl, for tests."""

from unittest.mock import patch

import owlrl
import rdflib


def expand(graph: rdflib.Graph) -> None:
    """Add to a graph what follows by OWL 2 RL.

    owlrl gives rdflib conversions of literals of its own and leaves some of them there: afterwards all is as before.
    """
    with patch.dict(rdflib.term._toPythonMapping):
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
