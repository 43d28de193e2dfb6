#!/usr/bin/env python3
"""Puts the figures of one machine into README.md, and beside them: readme.py RESULTS_DIR

RESULTS_DIR holds what figures.sh leaves: tmpfs, ext4, xfs, scale, parts, verify and registry. What is not there is left out.
"""

import os
import re
import statistics
import sys

import parts
import samples
import scale
import verify

BEGIN, END = "<!-- figures: bench/peers/readme.py writes this -->", "<!-- /figures -->"
# What is measured on a disk's file system: run.sh's --only.
ROWS = {"ext4": "image_(blobs|igzip|dockerd)|durability_", "xfs": "image_(blobs|igzip|dockerd)"}
GROUPS = {
    "image": "**The whole image**, {mb} MB of tar in two layers",
    "layer": "**One layer**, {mb} MB of tar, from a file to a tree",
    "hash": "**The same layer, only its names**",
    "export": "**And back to the tar**",
}


def peers(folder):
    """One table for all groups of a run."""
    groups = samples.read(os.path.join(folder, "raw.csv"))
    yield "| | wall s | × ours | CPU s | peak MiB | checks | left behind |"
    yield "|---|--:|--:|--:|--:|---|---|"
    for group, title in GROUPS.items():
        rows = groups.get(group, [])
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
    """What is on a disk when the clock stops."""
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


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [line for line in file.read().splitlines() if line.startswith("|")]


def page(results):
    """What README shows."""
    folder = os.path.relpath(results, repository())
    has = {part for part in ("tmpfs", "ext4", "xfs", "scale", "parts", "verify", "registry") if os.path.exists(os.path.join(results, part, "raw.csv"))}
    machine = samples.facts(os.path.join(results, "tmpfs", "raw.csv"))
    yield f"{machine['cpu']}, {machine['memory']}; tmpfs; medians of interleaved runs; `bench/figures.sh` measures all of it anew."
    yield "Every run, versions and commands: [`" + folder + "`](" + folder + "); who checks what: [`bench/peers`](bench/peers/README.md)."
    yield ""
    yield f"![A two-layer image, from compressed layers to trees on disk]({folder}/tmpfs/image.svg)"
    yield ""
    yield from peers(os.path.join(results, "tmpfs"))
    yield ""
    unpigz = samples.facts(os.path.join(results, "tmpfs", "raw.csv"), paragraph=1).get("unpigz", "")
    if unpigz.startswith("pigz"):
        yield f"dockerd and containerd decompress by `unpigz` ({unpigz}) here, a process of its own; where it is not installed they take longer."
        yield ""
    if has & set(ROWS):
        yield "The whole image on a new file system in a loop file, synced before the clock stops; and one layer under each `--durability`,"
        yield "where nothing is synced but what the option promises:"
        yield ""
        yield from disks(results)
        yield ""
    if "scale" in has:
        yield "As a layer grows, on tmpfs, in memory that was touched before, as the host of a virtual machine takes 2 s to hand out a GB"
        yield f"([chart]({folder}/scale/scale.svg)):"
        yield ""
        yield from scale.table(os.path.join(results, "scale"), scale.points(os.path.join(results, "scale")))
        yield ""
    if "parts" in has:
        yield "Single parts, in one process, in turns with what .NET has for it; bytes are those of the tar:"
        yield ""
        yield from parts.table(os.path.join(results, "parts", "raw.csv"))
        yield ""
    if "verify" in has:
        yield "`blobs verify` of a whole root on all cores, in turns with `openssl dgst -sha256`, which hashes the same files on one and"
        yield "knows of no tar, owner, time or attribute:"
        yield ""
        yield from verify.table(os.path.join(results, "verify", "raw.csv"))
        yield ""
    if "registry" in has:
        work = samples.facts(os.path.join(results, "registry", "raw.csv"))["work"]
        yield f"The registry, both flushing what they acknowledge: {work}."
        yield ""
        yield from lines_of(os.path.join(results, "registry", "table.md"))
        yield ""


def repository():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    if sys.argv[1] == "--rows":
        print(ROWS[sys.argv[2]])
        return
    results = os.path.abspath(sys.argv[1])
    figures = "\n".join(page(results))
    with open(os.path.join(repository(), "bench/results/readme.md"), "w", encoding="utf-8") as file:
        file.write(figures)
    path = os.path.join(repository(), "README.md")
    with open(path, encoding="utf-8") as file:
        readme = file.read()
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    section = f"{BEGIN}\n\n## Figures\n\n{figures}\n{END}"
    written, count = re.subn(pattern, lambda _: section, readme, flags=re.DOTALL)
    if count != 1:
        sys.exit("README.md has no place for the figures")
    with open(path, "w", encoding="utf-8") as file:
        file.write(written)


if __name__ == "__main__":
    main()
