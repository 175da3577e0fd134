#!/usr/bin/env python3
"""Runs a command and prints what it took as JSON: measure.py COMMAND ARGUMENT…

`seconds` and `cpuSeconds` (user and system) cover all processes that the command started; `peakBytes` is the
resident peak of the largest of them. A small process measures because a child's peak begins at that of its parent.
"""
import json
import os
import resource
import subprocess
import sys
import time

# What earlier commands left to be written is not this command's time.
os.sync()
begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds = time.perf_counter() - begin
if done.returncode != 0:
    sys.exit(f"{' '.join(sys.argv[1:])}: exit code {done.returncode}\n{done.stderr.decode(errors='replace')}")
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": seconds, "cpuSeconds": used.ru_utime + used.ru_stime, "peakBytes": used.ru_maxrss * 1024}))
