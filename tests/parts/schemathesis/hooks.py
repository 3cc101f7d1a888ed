"""What schemathesis cannot know of papilio's API from its document."""

import json
import os
import random
import uuid

import hypothesis
import schemathesis

# Schemathesis would have Hypothesis climb towards answers that succeed: most of the time goes into that, and into asking
# for the like of what was asked before. Requests about things that are there succeed anyway; the rest is drawn.
hypothesis.target = lambda observation, *, label="": observation

# Ids of things that are there, by the name of the parameter in a path, or by the path where many have that name.
THERE = json.loads(os.environ["PAPILIO_THERE"])


@schemathesis.hook
def before_call(context, case, kwargs):
    # An answer that may be held back for 30 s is held back for a moment.
    wait = str((case.query or {}).get("waitMs", ""))
    if wait.isascii() and wait.isdigit() and int(wait) <= 30_000:
        case.query["waitMs"] = 10
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # Every other request is about a thing that is there.
    for name in case.path_parameters or {}:
        there = THERE.get(case.path.split("/{")[0] + "/" + name, [])
        if there and random.random() < 0.5:
            case.path_parameters[name] = random.choice(there)
    # Keys are fresh: one that comes again with another request is refused, as it should; papilio's own tests prove it.
    for name in case.headers or {}:
        if name.lower() == "idempotency-key":
            case.headers[name] = uuid.uuid4().hex
