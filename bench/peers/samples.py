"""Reads the raw.csv of run.sh, aggregated to one row for each peer."""

import csv
import dataclasses
import os
import statistics

OURS = "blobs"


@dataclasses.dataclass
class Row:
    """The medians of one peer; `wall` is empty when it was not installed or failed."""

    group: str
    name: str
    label: str
    checks: str
    tar_bytes: int
    wall: list = dataclasses.field(default_factory=list)
    cpu: list = dataclasses.field(default_factory=list)
    server_cpu: list = dataclasses.field(default_factory=list)
    peak_kib: list = dataclasses.field(default_factory=list)
    check: str = ""
    verdicts: list = dataclasses.field(default_factory=list)

    @property
    def wall_s(self):
        return statistics.median(self.wall)

    @property
    def verdict(self):
        """"yes" when every run was correct, else the first error."""
        return next((verdict for verdict in self.verdicts if verdict != "yes"), "yes")


def read(path):
    """The rows of each group, in the order they were first measured."""
    groups = {}
    with open(path, newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            rows = groups.setdefault(line["group"], {})
            # A label may be completed during the run (with the snapshotter): use the last one.
            row = rows.setdefault(
                line["row"], Row(line["group"], line["row"], "", line["checks"], int(line["tar_bytes"])))
            row.label = line["label"]
            row.check = line["check"] or row.check
            row.verdicts.append(line["verified"])
            for samples, field in ((row.wall, "wall_s"), (row.cpu, "cpu_s"),
                                   (row.server_cpu, "server_cpu_s"), (row.peak_kib, "peak_rss_kib")):
                if line["wall_s"] and line[field]:
                    samples.append(float(line[field]))
    return {name: list(rows.values()) for name, rows in groups.items()}


def facts(path, paragraph=0):
    """The lines "name   value" of Versions.txt, which is beside raw.csv: first the machine, in the next paragraph the programs."""
    versions = os.path.join(os.path.dirname(os.path.abspath(path)), "Versions.txt")
    if not os.path.exists(versions):
        return {}
    with open(versions, encoding="utf-8") as file:
        return dict(line.split(None, 1) for line in file.read().split("\n\n")[paragraph].splitlines())
