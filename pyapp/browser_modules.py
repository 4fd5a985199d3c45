"""The modules of the standard library that pyapp and msgspec import.

A memory snapshot keeps only modules that were imported before it was made, and no compiled extension: whoever makes one
imports these first, then loads msgspec and pyapp after the restore. A test holds the list to what is really imported.
"""

MODULES: tuple[str, ...] = (
    "__future__",
    "array",
    "collections.abc",
    "contextlib",
    "copyreg",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "importlib",
    "inspect",
    "itertools",
    "math",
    "operator",
    "platform",
    "re",
    "textwrap",
    "types",
    "typing",
    "uuid",
    "warnings",
)
