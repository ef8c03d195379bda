"""The generators of documents: docs/parameters.md and docs/performance.md."""
