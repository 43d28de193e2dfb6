#!/usr/bin/env bash
# What it costs to collect the garbage of a registry's store on a disk, relative to docker-registry garbage-collect.
#
#   bench/gc.sh PROGRAM [--rounds 3] [--blobs 200000] [--manifests 10000] [--tmp DIR]
#
# PROGRAM      a file `blobs`, as `dotnet publish -r linux-x64 src/Blobs.Cli` makes it
# --rounds     measured rounds, after one that is not counted (default: 3)
# --blobs      blobs and manifests in the store, half of them garbage (default: 200000)
# --manifests  manifests among them (default: 10000)
# --tmp        a folder on tmpfs with room for the store, twice (default: /dev/shm)
#
# In turns: `docker-registry garbage-collect` and `blobs gc --min-age 0` on equal copies of one store. Neither syncs what it
# deletes. Both must leave the same blobs. Prints the medians, the ratio and the number of blobs that stay.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

rounds=3 blobs=200000 manifests=10000 tmp=/dev/shm
[[ $# -ge 1 && $1 != --* ]] || { echo "usage: gc.sh PROGRAM [--rounds N] [--blobs N] [--manifests N] [--tmp DIR]" >&2; exit 2; }
program=$(realpath "$1")
shift
while [[ $# -ge 2 ]]; do
  case $1 in
    --rounds | --blobs | --manifests | --tmp) declare "${1#--}=$2" ;;
    *) echo "gc.sh: there is no option $1" >&2; exit 2 ;;
  esac
  shift 2
done

scratch=$(mktemp -d "$tmp/blobs-gc.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

cat > "$scratch/make.py" <<'END'
import hashlib, json, os, sys
root, blobs, manifests = sys.argv[1] + "/docker/registry/v2", int(sys.argv[2]), int(sys.argv[3])
repositories = 10

def put(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)

def blob(content):
    name = hashlib.sha256(content).hexdigest()
    put(f"{root}/blobs/sha256/{name[:2]}/{name}/data", content)
    return name

def link(path, name):
    put(f"{path}/link", b"sha256:" + name.encode())

def layer(repository, content):
    name = blob(content)
    link(f"{root}/repositories/r{repository}/_layers/sha256/{name}", name)
    return name

each = blobs // 2 // manifests - 1
for number in range(manifests):
    repository = number % repositories
    names = [layer(repository, b"needed %d %d" % (number, part)) for part in range(each)]
    parts = [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + name, "size": 20} for name in names]
    parts[0]["mediaType"] = "application/vnd.oci.image.config.v1+json"
    document = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": parts[0], "layers": parts[1:]}
    name = blob(json.dumps(document).encode())
    base = f"{root}/repositories/r{repository}/_manifests"
    link(f"{base}/revisions/sha256/{name}", name)
    link(f"{base}/tags/t{number}/index/sha256/{name}", name)
    link(f"{base}/tags/t{number}/current", name)
for number in range(blobs // 2):
    layer(number % repositories, b"garbage %d" % number)
END
python3 "$scratch/make.py" "$scratch/store" "$blobs" "$manifests"
printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}\n' "$scratch/copy" > "$scratch/config.yml"

remaining=''
measure() {
  cp -al "$scratch/store" "$scratch/copy"
  local begin=${EPOCHREALTIME/./} end left
  "$@" > "$scratch/log" 2>&1 || { tail -3 "$scratch/log" >&2; exit 1; }
  end=${EPOCHREALTIME/./}
  left=$(find "$scratch/copy/docker/registry/v2/blobs" -name data | sort | sha256sum | cut -c 1-12)
  [[ $remaining == '' || $remaining == "$left" ]] || { echo "gc.sh: other blobs are left: $left, not $remaining" >&2; exit 1; }
  remaining=$left
  took=$((end - begin))
  rm -rf "$scratch/copy"
}

for ((round = 0; round <= rounds; round++)); do
  measure docker-registry garbage-collect "$scratch/config.yml"
  theirs=$took
  measure "$program" gc --store "$scratch/copy" --min-age 0 --quiet
  ((round == 0)) || echo "$theirs $took" >> "$scratch/rounds"
done

python3 - "$scratch/rounds" "$remaining" <<'END'
import statistics, sys
rows = [[int(word) for word in line.split()] for line in open(sys.argv[1])]
theirs, ours = (statistics.median(row[i] for row in rows) / 1e6 for i in (0, 1))
print(f"docker-registry {theirs:.2f} s, blobs gc {ours:.2f} s, ratio {ours / theirs:.2f}, blobs left {sys.argv[2]}")
END
