#!/usr/bin/env python3
"""Writes a tar of one shape to standard output: layers.py entries COUNT | size MEGABYTES | files MEGABYTES"""

import io
import random
import sys
import tarfile

CHUNK = 32 << 10


def folder(tar, name):
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, 1_700_000_000
    tar.addfile(entry)


def entries(tar, count):
    """Empty files, 1,000 in each directory."""
    for index in range(count):
        if index % 1000 == 0:
            folder(tar, f"d{index // 1000:05d}")
        file = tarfile.TarInfo(f"d{index // 1000:05d}/file-{index:07d}")
        file.mtime = 1_700_000_000
        tar.addfile(file)


class Content(io.RawIOBase):
    """Bytes that gzip compresses to a quarter: a quarter of each 32 KiB is random, and the rest repeats it."""

    def __init__(self):
        super().__init__()
        self.random = random.Random(1)
        self.rest = b""

    def readable(self):
        return True

    def read(self, size=-1):
        while len(self.rest) < size:
            self.rest += self.random.randbytes(CHUNK // 4) * 4
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken


def size(tar, megabytes):
    file = tarfile.TarInfo("file")
    file.size, file.mtime = megabytes * 1_000_000, 1_700_000_000
    tar.addfile(file, Content())


def files(tar, megabytes):
    """Files of up to 64 KiB, 100 in each directory, with content that compresses like that of a package."""
    content, sizes, left, index = Content(), random.Random(megabytes), megabytes * 1_000_000, 0
    while left > 0:
        if index % 100 == 0:
            folder(tar, f"d{index // 100:05d}")
        file = tarfile.TarInfo(f"d{index // 100:05d}/file-{index:07d}")
        file.size, file.mtime = min(left, sizes.randrange(64 << 10)), 1_700_000_000
        tar.addfile(file, io.BytesIO(content.read(file.size)))
        left, index = left - file.size, index + 1


def main():
    shape, amount = sys.argv[1], int(sys.argv[2])
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", bufsize=1 << 20) as tar:
        {"entries": entries, "size": size, "files": files}[shape](tar, amount)


if __name__ == "__main__":
    main()
