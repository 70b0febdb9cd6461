"""innherred: a content of RDF, built, validated and served as a knowledge graph."""

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Give ``__version__``; looked up when it is asked for, for the processes of queries never ask."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - a fifth of such a process's start

    try:
        return version("innherred")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0.0.0"
