#!/usr/bin/env python3
"""Makes an OCI layout and facts.json from OUTDIR/{base,node}.tar.gz, or prints existing ones.

layout.py OUTDIR --epoch SECONDS --tree NAME="ENTRIES HASH"...
layout.py OUTDIR --print
"""

import argparse
import datetime
import gzip
import hashlib
import json
import os
import tarfile

LAYERS = {"base": "mmdebstrap --variant=minbase bookworm", "node": "npm ci"}
CHUNK_BYTES = 1 << 20


def sha256_of(stream):
    """The digest of a stream and its length."""
    digest, length = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        length += len(chunk)
    return "sha256:" + digest.hexdigest(), length


def facts_of_layer(path):
    with open(path, "rb") as stream:
        digest, gzip_bytes = sha256_of(stream)
    with gzip.open(path, "rb") as stream:
        diff_id, tar_bytes = sha256_of(stream)
    with tarfile.open(path, "r|gz") as entries:
        regular = [entry.size for entry in entries if entry.isreg()]
    return {
        "file": os.path.basename(path), "digest": digest, "diffId": diff_id,
        "gzipBytes": gzip_bytes, "tarBytes": tar_bytes, "regularFiles": len(regular), "fileBytes": sum(regular),
    }


def chain(parent, diff_id):
    """ChainID: the DiffID itself for the first layer, else the digest of "PARENT DIFFID"."""
    return "sha256:" + hashlib.sha256(f"{parent} {diff_id}".encode()).hexdigest() if parent else diff_id


class Layout:
    """An OCI layout being written."""

    def __init__(self, root):
        self.root = root
        self.blobs = os.path.join(root, "blobs", "sha256")
        os.makedirs(self.blobs)

    def link(self, path, fact):
        """Adds a file without copying it."""
        os.link(path, os.path.join(self.blobs, fact["digest"].removeprefix("sha256:")))
        return {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                "digest": fact["digest"], "size": fact["gzipBytes"]}

    def put(self, value, media_type):
        data = json.dumps(value, separators=(",", ":")).encode()
        name = hashlib.sha256(data).hexdigest()
        with open(os.path.join(self.blobs, name), "wb") as blob:
            blob.write(data)
        return {"mediaType": media_type, "digest": "sha256:" + name, "size": len(data)}

    def finish(self, manifest, tag):
        manifest = {**manifest, "annotations": {"org.opencontainers.image.ref.name": tag}}
        for name, value in (("index.json", {"schemaVersion": 2, "manifests": [manifest]}),
                            ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
            with open(os.path.join(self.root, name), "w", encoding="utf-8") as file:
                json.dump(value, file)


def make(out, epoch, trees):
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    facts, parent = {"layers": {}, "image": {}}, None
    for name in LAYERS:
        fact = facts_of_layer(os.path.join(out, f"{name}.tar.gz"))
        fact["chainId"] = parent = chain(parent, fact["diffId"])
        fact["tree"] = trees[name]
        facts["layers"][name] = fact
    layers = facts["layers"]

    layout = Layout(os.path.join(out, "oci"))
    config = layout.put({
        "created": created, "architecture": "amd64", "os": "linux",
        "config": {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                   "Cmd": ["/bin/sh"], "WorkingDir": "/app"},
        "rootfs": {"type": "layers", "diff_ids": [fact["diffId"] for fact in layers.values()]},
        "history": [{"created": created, "created_by": LAYERS[name]} for name in layers],
    }, "application/vnd.oci.image.config.v1+json")
    manifest = layout.put({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
        "layers": [layout.link(os.path.join(out, fact["file"]), fact) for fact in layers.values()],
    }, "application/vnd.oci.image.manifest.v1+json")
    layout.finish(manifest, "img:latest")

    facts["image"] = {"manifest": manifest["digest"], "config": config["digest"], "tree": trees["image"],
                      "tarBytes": sum(fact["tarBytes"] for fact in layers.values())}
    with open(os.path.join(out, "facts.json"), "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=2)
        file.write("\n")


def show(out):
    with open(os.path.join(out, "facts.json"), encoding="utf-8") as file:
        facts = json.load(file)
    print("| layer | entries | regular files | tar bytes | gzip -6 bytes | digest | DiffID |")
    print("|---|---|---|---|---|---|---|")
    for name, fact in facts["layers"].items():
        print(f"| {name} | {fact['tree'].split()[0]} | {fact['regularFiles']} | {fact['tarBytes']} | "
              f"{fact['gzipBytes']} | {fact['digest']} | {fact['diffId']} |")
    image = facts["image"]
    print(f"\nimg:latest: {image['tree'].split()[0]} entries, {image['tarBytes']} tar bytes, "
          f"manifest {image['manifest']}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out")
    arguments.add_argument("--epoch", type=int, default=0)
    arguments.add_argument("--tree", action="append", default=[])
    arguments.add_argument("--print", action="store_true")
    options = arguments.parse_args()
    if options.print:
        show(options.out)
    else:
        make(options.out, options.epoch, dict(tree.split("=", 1) for tree in options.tree))


if __name__ == "__main__":
    main()
