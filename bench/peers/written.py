#!/usr/bin/env python3
"""Reads back an image that was pushed or saved, checks its blobs, and prints as JSON what it is: {"check", "bytes", "diffIds"}.

written.py registry URL    URL is http://HOST:PORT/v2/NAME, the tag is latest; "check" is the manifest's digest
written.py oci PATH        an OCI layout, or an archive of one; "check" is the manifest's digest
written.py docker FILE     what docker save wrote, compressed as a whole; "check" is the digest of the config

"bytes" counts what was compressed: the layers, or the whole file of docker save.
"""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import urllib.request

MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
DECODERS = {b"\x1f\x8b": ["gzip", "-dc"], b"\x28\xb5": ["zstd", "-dc"]}
CHUNK_BYTES = 1 << 20


def check(data, digest):
    if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
        sys.exit(f"written.py: {digest} has other bytes")
    return data


def short(digest):
    return digest.removeprefix("sha256:")[:12]


def decode(data):
    decoder = DECODERS.get(data[:2])
    return subprocess.run(decoder, input=data, stdout=subprocess.PIPE, check=True).stdout if decoder else data


def diff_id(data):
    return "sha256:" + hashlib.sha256(decode(data)).hexdigest()


def image(manifest, blob):
    """What a manifest names, where blob(digest) gives the bytes of one."""
    layers = [layer["digest"] for layer in manifest["layers"]]
    check(blob(manifest["config"]["digest"]), manifest["config"]["digest"])
    return {"bytes": sum(layer["size"] for layer in manifest["layers"]),
            "diffIds": [diff_id(check(blob(layer), layer)) for layer in layers]}


def registry(url):
    def get(path):
        request = urllib.request.Request(f"{url}/{path}", headers={"Accept": ", ".join(MANIFESTS)})
        with urllib.request.urlopen(request) as response:
            return response.read()

    manifest = get("manifests/latest")
    return {"check": short(hashlib.sha256(manifest).hexdigest())} | image(json.loads(manifest), lambda digest: get(f"blobs/{digest}"))


def oci(path):
    if os.path.isdir(path):
        def read(name):
            with open(os.path.join(path, name), "rb") as file:
                return file.read()

        return layout(read)
    with tarfile.open(path) as archive:
        return layout(lambda name: archive.extractfile(name).read())


def layout(read):
    def blob(digest):
        return read("blobs/" + digest.replace(":", "/"))

    digest = json.loads(read("index.json"))["manifests"][0]["digest"]
    return {"check": short(digest)} | image(json.loads(check(blob(digest), digest)), blob)


def docker(path):
    with open(path, "rb") as file:
        start = file.read(2)
    process = subprocess.Popen([*DECODERS[start], path], stdout=subprocess.PIPE)
    digests, small = {}, {}
    with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
        for member in archive:
            if member.isfile():
                digest, content = hashlib.sha256(), archive.extractfile(member)
                while chunk := content.read(CHUNK_BYTES):
                    digest.update(chunk)
                    if member.name.endswith(".json"):
                        small[member.name] = small.get(member.name, b"") + chunk
                digests[member.name] = "sha256:" + digest.hexdigest()
            elif member.issym():
                digests[member.name] = digests[os.path.normpath(os.path.join(os.path.dirname(member.name), member.linkname))]
    if process.wait() != 0:
        sys.exit(f"written.py: {path} cannot be decoded")
    manifest = json.loads(small["manifest.json"])[0]
    return {"check": short(digests[manifest["Config"]]), "bytes": os.path.getsize(path),
            "diffIds": [digests[layer] for layer in manifest["Layers"]]}


def main():
    kind, place = sys.argv[1:3]
    print(json.dumps({"registry": registry, "oci": oci, "docker": docker}[kind](place)))


if __name__ == "__main__":
    main()
