"""Prints the raw.csv of verify.sh as a table."""

import csv
import statistics
import sys

import samples


def table(path):
    runs = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            runs.setdefault(row["store"], {}).setdefault(row["program"], []).append(row)
    cores = int(samples.facts(path)["cpu"].split()[0])
    yield "| files | MB | blobs verify, s | openssl dgst, one core, s | × a core's speed, per core | checks |"
    yield "|--:|--:|--:|--:|--:|---|"
    for programs in runs.values():
        seconds = {name: statistics.median(float(row["seconds"]) for row in rows) for name, rows in programs.items()}
        first = programs["verify"][0]
        checks = "; ".join(" **or** ".join(sorted({f"`{row['check']}`" for row in rows})) for rows in programs.values())
        yield (f"| {int(first['files']):,} | {int(first['bytes']) / 1e6:,.0f} | {seconds['verify']:.2f} | {seconds['hash_all']:.2f} | "
               f"{seconds['hash_all'] / seconds['verify'] / cores:.2f} | {checks} |")


if __name__ == "__main__":
    print("\n".join(table(sys.argv[1])))
