"""Reads metrics from standard input by Prometheus' own client and prints its samples as JSON."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

samples = []
for family in text_string_to_metric_families(sys.stdin.buffer.read().decode("utf-8")):
    assert family.type == "gauge", family
    assert family.documentation, family
    for sample in family.samples:
        samples.append([sample.name, sample.labels, sample.value])
json.dump(samples, sys.stdout)
