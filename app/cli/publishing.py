"""``publish``: the current generation into a SPARQL server."""

from app.cli.options import Failure, Misuse
from app.config import Settings
from app.generation import current
from app.progress import Progress
from app.store.embedded import EmbeddedStore
from app.store.interface import QueryError
from app.store.opening import endpoint
from app.store.publication import PublicationError, Publisher
from app.terms import Iri

# So many triples between two lines of progress.
_STEP = 100_000


def publish(settings: Settings, progress: Progress, *, again: bool) -> str:
    """Write the current generation into the server of INNHERRED_STORE; a Failure tells what to mend.

    Read from the generation's own store, not its dumps: catalog, quality and reasons are in no dump, and a blank node
    of two graphs is one only there.
    """
    server = endpoint(settings)
    if server is None or settings.store is None:
        raise Misuse("Where to? Set INNHERRED_STORE (and INNHERRED_STORE_UPDATE) to the address of a SPARQL server.")
    generation = current(settings.state)
    if generation is None:
        raise Failure(f"There is no generation in {settings.state}. Run: innherred build")
    if not generation.store.is_dir():
        raise Failure(f"{generation.path} has no store/: publish where it was built.")
    manifest = generation.manifest
    publisher = Publisher(server, settings.store_update or settings.store, manifest.base)
    graphs = {Iri(name): count for name, count in manifest.graphs.items()}
    total = sum(graphs.values()) + manifest.triples
    store = EmbeddedStore.open(generation.store)
    try:
        if not again and publisher.published.read().digest == manifest.digest:
            return f"Version {manifest.version} is there already (--again writes it anew)."
        with progress.step("empty graphs"):
            publisher.begin(graphs)
        with progress.step(f"write {total} triples"):
            said = 0
            for done in publisher.write(store.quads()):
                if done - said >= _STEP:
                    said = done
                    progress.say(f"    {done} of {total}")
        with progress.step("count, write digest"):
            publisher.finish(manifest.digest, graphs, manifest.triples)
    except (QueryError, PublicationError) as error:
        raise Failure(f"Not published: {error} What is there is incomplete and has no digest.") from error
    finally:
        publisher.close()
        store.close()
    return f"Version {manifest.version}, {total} triples in {len(graphs) + 1} graphs, is in the store."
