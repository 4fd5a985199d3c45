/** The few lines of Python that the worker runs itself. */

/**
 * Imported before the snapshot is taken: what loading a package needs, and the standard library modules that pyapp and
 * msgspec use. A module that is missing here still loads after a restore, only later and slower.
 */
export const INTO_SNAPSHOT = `
import pyodide._package_loader, importlib.metadata, zipfile, tarfile, shutil, sysconfig, email.parser
import zipimport, json, datetime, decimal, dataclasses, typing, enum, functools, itertools, re, math, operator
import collections, collections.abc, contextlib, copy, calendar, uuid, inspect, types, abc, fractions, struct, bisect
import string, textwrap, hashlib, base64, ast, numbers, statistics, random, gettext, locale, weakref, array, heapq
`;

/**
 * One function for the page's calls: bytes in, bytes out. The empty method hands over the law's texts and starts pyapp.
 * The restored interpreter would repeat its random numbers, hence the seed.
 */
export const GLUE = `
import sys, random
random.seed()
sys.path.insert(0, "/lib/pyapp.zip")
from pyapp import worker as _worker

def _call(method, body):
    data = body.to_bytes()
    if method == "":
        _worker.start(data)
        return b""
    return _worker.handle(method, data)

_call
`;

/**
 * Byte code of msgspec's Python modules: compiling them anew at each start would cost more than loading them. "Unchecked by
 * hash": the wheel beside it is the one whose hash the lock names.
 */
export const BYTE_CODE = `
import importlib.util as _util, importlib._bootstrap_external as _external, sys as _sys

def _byte_code():
    files = []
    for name, module in sorted(_sys.modules.items()):
        path = getattr(module, "__file__", None) or ""
        if name.split(".")[0] == "msgspec" and path.endswith(".py"):
            source = open(path, "rb").read()
            code = compile(source, path, "exec", dont_inherit=True)
            body = bytes(_external._code_to_hash_pyc(code, _util.source_hash(source), False))
            files.append([_util.cache_from_source(path), body])
    return files

_byte_code()
`;
