"""innherred: a content of RDF, built, validated and served as a knowledge graph."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("innherred")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
