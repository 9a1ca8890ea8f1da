"""One worker: its module, and what that wants."""

import sys
from importlib import import_module

import_module(f"benchmarks.workers.{sys.argv[1]}").run(*sys.argv[2:])
