#!/usr/bin/env python3
"""Writes the figures of one machine into bench/README.md, and the headline chart and table into README.md.

    readme.py RESULTS_DIR      writes both
    readme.py                  the same, from the newest folder in bench/results
    readme.py --check          fails if either file is not what the newest results give
    readme.py --rows ext4      prints which rows run.sh measures on that file system

RESULTS_DIR holds what figures.sh leaves: tmpfs, ext4, xfs, scale, parts, verify and registry. What is missing is left out.
A folder `stores` in it, or in that of another day, holds what the scripts for single stores print.
"""

import os
import re
import statistics
import sys

import parts
import samples
import scale
import verify

BEGIN, END = "<!-- {name}: bench/peers/readme.py writes this -->", "<!-- /{name} -->"
# The rows that are measured on a disk's file system: run.sh's --only.
ROWS = {"ext4": "image_(blobs|igzip|dockerd)|durability_", "xfs": "image_(blobs|igzip|dockerd)"}
GROUPS = {
    "image": "**The whole image**, {mb} MB of tar in two layers",
    "layer": "**One layer**, {mb} MB of tar, from a file to a tree",
    "hash": "**One layer, digests only**, {mb} MB of tar, no tree",
    "export": "**From the tree back to the tar**",
    "push": "**Push, no compressed blob kept**, {mb} MB of tar in two layers, to a docker-registry",
    "save": "**Save, compressed**, {mb} MB of tar in two layers",
}
# What is printed by the scripts beside this folder: what they do is said at their head.
STORES = {
    "podman": "podman's store", "containerd": "containerd", "erofs": "EROFS images", "registry-s3": "A registry in a bucket",
    "gc": "Garbage collection on a disk",
}
# The rows that README.md shows: the whole image, and the row that a plain decoder wins.
HEADLINE = ["image", "hash"]


def peers(folder, shown=GROUPS):
    """One table for all groups of a run."""
    groups = samples.read(os.path.join(folder, "raw.csv"))
    yield "| | wall s | × ours | CPU s | peak MiB | checks | left behind |"
    yield "|---|--:|--:|--:|--:|---|---|"
    for group in shown:
        title, rows = GROUPS[group], groups.get(group, [])
        ours = next((row for row in rows if row.name == samples.OURS and row.wall), None)
        if ours is None:
            continue
        yield f"| {title.format(mb=round(ours.tar_bytes / 1e6))} | | | | | | |"
        for row in rows:
            if row.wall:
                yield "| " + " | ".join(cells(row, ours)) + " |"


def cells(row, ours):
    name = row.label.replace("|", "\\|")
    return [
        f"**{name}**" if row is ours else name, f"{row.wall_s:.2f}", f"{row.wall_s / ours.wall_s:.2f}",
        f"{statistics.median(row.cpu):.2f}", f"{statistics.median(row.peak_kib) / 1024:.0f}", row.checks,
        f"`{row.check}`" if row.verdict == "yes" else row.verdict,
    ]


def disks(folder):
    """What is synced to the disk when the clock stops."""
    yield "| | " + " | ".join(f"{disk}, s | × ours" for disk in ROWS) + " |"
    yield "|---|" + "--:|--:|" * len(ROWS)
    seen = {disk: samples.read(os.path.join(folder, disk, "raw.csv")) for disk in ROWS
            if os.path.exists(os.path.join(folder, disk, "raw.csv"))}
    for group in ("image", "durability"):
        rows = {}
        for disk, groups in seen.items():
            for row in groups.get(group, []):
                rows.setdefault(row.label, {})[disk] = row
        ours = {disk: next((row for row in groups.get(group, []) if row.name == samples.OURS), None)
                for disk, groups in seen.items()}
        for label, by_disk in rows.items():
            line = []
            for disk in ROWS:
                row = by_disk.get(disk)
                line += [f"{row.wall_s:.2f}", f"{row.wall_s / ours[disk].wall_s:.2f}"] if row and row.wall else ["", ""]
            yield f"| {label.replace('|', chr(92) + '|')} | " + " | ".join(line) + " |"


def stores(folder):
    """The output of one script after the other."""
    for script, title in STORES.items():
        path = os.path.join(folder, script + ".txt")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                yield from (f"{title}, `{script}.sh`:", "", "```", *file.read().rstrip("\n").split("\n"), "```", "")


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [line for line in file.read().splitlines() if line.startswith("|")]


def headline(results):
    """The figures of README.md."""
    folder = os.path.relpath(results, repository())
    tmpfs = os.path.join(results, "tmpfs")
    machine = samples.facts(os.path.join(tmpfs, "raw.csv"))
    yield f"![A two-layer image, from compressed layers to trees on disk]({folder}/tmpfs/image.svg)"
    yield ""
    yield from peers(tmpfs, HEADLINE)
    yield ""
    yield f"{machine['cpu']}, {machine['memory']}, tmpfs, {machine['date'][:10]}; medians of interleaved runs."


def page(results):
    """The figures of bench/README.md."""
    folder = os.path.relpath(results, os.path.join(repository(), "bench"))
    has = {part for part in ("tmpfs", "ext4", "xfs", "scale", "parts", "verify", "registry") if os.path.exists(os.path.join(results, part, "raw.csv"))}
    machine = samples.facts(os.path.join(results, "tmpfs", "raw.csv"))
    yield f"{machine['cpu']}, {machine['memory']}; tmpfs; medians of interleaved runs. Every run, versions and commands: [`{folder}`]({folder})."
    yield "What each peer checks and keeps: [`peers`](peers/README.md)."
    yield ""
    yield "### Whole commands"
    yield ""
    yield f"![A two-layer image, from compressed layers to trees on disk]({folder}/tmpfs/image.svg)"
    yield ""
    yield from peers(os.path.join(results, "tmpfs"))
    yield ""
    unpigz = samples.facts(os.path.join(results, "tmpfs", "raw.csv"), paragraph=1).get("unpigz", "")
    if unpigz.startswith("pigz"):
        yield f"dockerd and containerd decompress with `unpigz` ({unpigz}) here, a process of its own. Without it they take longer."
        yield ""
    if has & set(ROWS):
        yield "### On a disk's file system"
        yield ""
        yield "The whole image on a new file system in a loop file, synced before the clock stops. Then one layer under each"
        yield "`--durability`, where nothing is synced but what the option promises."
        yield ""
        yield from disks(results)
        yield ""
    if "scale" in has:
        yield "### As a layer grows"
        yield ""
        yield "On tmpfs, in memory that was touched before: the host of this virtual machine takes 2 s to hand out a GB"
        yield f"([chart]({folder}/scale/scale.svg))."
        yield ""
        yield from scale.table(os.path.join(results, "scale"), scale.points(os.path.join(results, "scale")))
        yield ""
    if "parts" in has:
        yield "### Parts of the pass"
        yield ""
        yield "In one process, interleaved with what .NET has for the same work. Bytes are those of the tar."
        yield ""
        yield from parts.table(os.path.join(results, "parts", "raw.csv"))
        yield ""
    if "verify" in has:
        yield "### Verify"
        yield ""
        yield "`blobs verify` reads a whole root on all cores. `openssl dgst -sha256` hashes the same files on one core, and checks no tar,"
        yield "owner, time or attribute."
        yield ""
        yield from verify.table(os.path.join(results, "verify", "raw.csv"))
        yield ""
    if "registry" in has:
        work = samples.facts(os.path.join(results, "registry", "raw.csv"))["work"]
        yield "### The registry"
        yield ""
        yield f"Both flush what they acknowledge. {work}."
        yield ""
        yield from lines_of(os.path.join(results, "registry", "table.md"))
        yield ""
    single = newest("stores")
    if single:
        yield "### Single stores"
        yield ""
        folder = os.path.relpath(os.path.join(single, "stores"), os.path.join(repository(), "bench"))
        with open(os.path.join(single, "stores", "Versions.txt"), encoding="utf-8") as file:
            facts = dict(line.split(maxsplit=1) for line in file.read().splitlines() if " " in line)
        yield f"What the scripts print; {facts['cpu']}, {facts['date'][:10]}, [versions]({folder}/Versions.txt). `x` is the time divided by that"
        yield "of the first row, `x as fast` the reverse."
        yield ""
        yield from stores(os.path.join(single, "stores"))


def repository():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def newest(part):
    """The newest folder of results with that part, or none."""
    results = os.path.join(repository(), "bench/results")
    return max((entry.path for entry in os.scandir(results) if os.path.exists(os.path.join(entry.path, part))), default=None)


def put(document, name, lines):
    """The document's text with a section replaced between its markers, and whether that changed it."""
    path = os.path.join(repository(), document)
    begin, end = BEGIN.format(name=name), END.format(name=name)
    with open(path, encoding="utf-8") as file:
        before = file.read()
    section = begin + "\n\n" + "\n".join(lines).rstrip() + "\n\n" + end
    after, count = re.subn(re.escape(begin) + ".*" + re.escape(end), lambda _: section, before, flags=re.DOTALL)
    if count != 1:
        sys.exit(f"{document} has no place for the {name}")
    return path, after, after != before


def main():
    if sys.argv[1:2] == ["--rows"]:
        print(ROWS[sys.argv[2]])
        return
    check = sys.argv[1:2] == ["--check"]
    results = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 and not check else newest("tmpfs")
    documents = [put("README.md", "headline", headline(results)), put("bench/README.md", "figures", page(results))]
    stale = [path for path, _, changed in documents if changed]
    if check and stale:
        sys.exit("not what was measured: " + ", ".join(stale))
    for path, text, _ in documents:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
