"""Runs under ``crash.c``: waits for orders, and has each carried out by a child that may die of it.

Everything heavy is loaded once, before the children are made; each is a process of its own, and is really killed. An
order and its outcome are a line of JSON each.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from typing import Any


def main(preloaded: list[str]) -> None:
    for name in preloaded:
        importlib.import_module(name)
    begin = ctypes.CDLL(None).crash_begin
    for line in sys.stdin:
        outcome = carried_out(json.loads(line), begin)
        print(json.dumps(outcome), flush=True)


def carried_out(order: dict[str, Any], begin: Any) -> dict[str, Any]:
    """Have a child do it; what it said, and how it ended (negative: killed by that signal)."""
    ears, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ears)
        do(order, begin, mouth)
    os.close(mouth)
    with os.fdopen(ears, "rb") as said:
        heard = said.read()
    _, status = os.waitpid(child, 0)
    return {"said": heard.decode("utf-8", "replace"), "ended": os.waitstatus_to_exitcode(status)}


def do(order: dict[str, Any], begin: Any, mouth: int) -> None:
    """In the child: speak into the pipe, start counting, call, and end as a process does."""
    ended = 1
    try:
        os.dup2(mouth, 1)
        os.dup2(mouth, 2)
        sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115  (for as long as the child lives)
        os.environ.update(order["environment"])
        module, _, name = order["call"].partition(":")
        called = getattr(importlib.import_module(module), name)
        if order["within_s"]:
            signal.setitimer(signal.ITIMER_REAL, order["within_s"])  # SIGALRM, which nobody handles, ends it
        begin()
        called(order["arguments"])
        ended = 0
    except SystemExit as end:
        ended = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended)


if __name__ == "__main__":
    main(sys.argv[1:])
