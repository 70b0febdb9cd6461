"""Export: the same bytes each time, in the format that was asked for."""

import gzip
import io

import pytest

from app.catalog.dumps import MOST_GRAPHS, write_export
from app.mediatypes import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from app.terms import Dataset, Iri

BASE = "http://example.org/nordfjella/"
DATA = Iri(BASE + "graph/data")


def exported(generation, form, **options):
    first, second = io.BytesIO(), io.BytesIO()
    write_export(generation, first, form, **options)
    write_export(generation, second, form, **options)
    assert first.getvalue() == second.getvalue()
    return first.getvalue().decode()


def test_the_whole_is_the_dump(place):
    generation = place.build()
    whole = gzip.decompress((generation.dumps / "all.nq.gz").read_bytes()).decode()
    assert exported(generation, N_QUADS) == whole
    assert f"<{BASE}graph/minutes> {{" in exported(generation, TRIG)


@pytest.mark.parametrize("form", [TURTLE, N_TRIPLES, JSON_LD, RDF_XML])
def test_one_graph_in_every_format(place, form):
    text = exported(place.build(), form, graph=DATA)
    assert "Austdalen" in text
    assert "Brua" not in text


def test_a_merge_of_graphs_holds_each_triple_once(place):
    graphs = (Iri(BASE + "graph/people"), Iri(BASE + "graph/minutes"))
    assert exported(place.build(), N_TRIPLES, dataset=Dataset(default=graphs)).count("partner>") == 2


def test_very_many_graphs_get_no_dumps_of_their_own(place):
    quads = (f"<http://e/s> <http://e/p> <http://e/o> <http://e/g{n}> ." for n in range(MOST_GRAPHS))
    place.write("data/many.nq", "\n".join(quads))
    generation = place.build()
    assert not list(generation.dumps.glob("graph-*"))
    assert exported(generation, N_QUADS).count("http://e/g") == MOST_GRAPHS
