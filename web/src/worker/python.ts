/** The few lines of Python that the worker runs itself. */

/**
 * Starts pyapp and leaves the function that takes the page's calls: bytes in, bytes out. What a snapshot is to hold is warmed
 * up first, and what is left over is swept away. Answers why it could not be warmed up, or nothing.
 */
export const START = `
import gc, random, sys
sys.path.insert(0, "/lib/pyapp.zip")
from pyapp import worker as _worker

def _call(method, body):
    return _worker.handle(method, body.to_bytes())

def _start(law, warm):
    _worker.start(law.to_bytes())
    if warm:
        try:
            _worker.warm()
        except Exception as fault:
            return repr(fault)
        gc.collect()
    return ""

_start
`;

export const CALL = "_call";

/** A restored interpreter would repeat its random numbers. */
export const CALL_AFTER_RESTORE = "random.seed(); _call";
