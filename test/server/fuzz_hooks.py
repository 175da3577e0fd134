"""What schemathesis has to be told: the bytes of a resumable upload, and names of things that there are."""

import json
import os
import random

import schemathesis
from hypothesis import strategies

BYTES = "application/offset+octet-stream"
KNOWN = json.loads(os.environ["SAFEHOUSE_FUZZ_KNOWN"])

schemathesis.openapi.media_type(BYTES, strategies.binary(max_size=2000))


@schemathesis.serializer(BYTES)
def as_it_is(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Most names that come about by chance name nothing, so half of them are replaced."""
    if path_parameters is None:
        return path_parameters
    return {
        name: KNOWN[name] if name in KNOWN and random.random() < 0.5 else value
        for name, value in path_parameters.items()
    }


@schemathesis.check
def tells_what_failed(context, response, case):
    """A full disk or a place that is away is told as such; any other failure of the server is a fault."""
    if response.status_code < 500:
        return
    known = response.headers.get("content-type", [""])[0].startswith("application/problem+json")
    problem = json.loads(response.text).get("problem") if known else None
    assert problem in ("no-space", "unreachable"), f"{response.status_code}: {response.text[:500]}"
