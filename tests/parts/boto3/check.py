"""Runs one check (`check.py activities check_queues`), or tells which operations there are (`check.py operations`)."""

import importlib
import sys

module, *names = sys.argv[1:]
if module == "operations":
    print("\n".join(importlib.import_module("api").sfn.meta.service_model.operation_names))
for name in names:
    getattr(importlib.import_module(module), name)()
