"""The deal logic: a deal document in, a worksheet with every figure and its law out.

Pure Python and msgspec; the same code runs in the browser (Pyodide), on the server and in the tests.
Money is whole cents, rates are whole parts per million; no binary float touches money.
"""
