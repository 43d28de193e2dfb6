#!/usr/bin/env bash
# Builds the image that every peer is measured with: a Debian base and a node_modules of some 36,000 entries,
# both made from public packages.
#
#   bench/peers/build-image.sh OUTDIR [MEGABYTES]
#
# MEGABYTES                         makes the node layer of that many bytes up, and a base of 1,000 empty files: for trying things out,
#                                   without network
# OUTDIR/base.tar.gz, node.tar.gz   the layers, base first
# OUTDIR/oci                        an OCI layout, tag img:latest
# OUTDIR/image.docker.tar           what `docker save` would write (needs skopeo)
# OUTDIR/facts.json                 what run.sh checks the peers against: digests, sizes, entries, tree
#
# Existing files are kept; delete OUTDIR to start over. The node layer is the same tar everywhere (the lock file pins it);
# the base changes with the point releases of Debian 12, so quote its digest with its numbers.
set -euo pipefail
export LC_ALL=C
umask 022

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=tree.sh
source "$here/tree.sh"

mirror=${MIRROR:-http://deb.debian.org/debian}
epoch=1704067200 # 2024-01-01T00:00:00Z, the time of every file and of the image

if [[ $# -lt 1 || $# -gt 2 ]]; then
  echo "usage: build-image.sh OUTDIR [MEGABYTES]" >&2
  exit 2
fi
megabytes=${2:-}
tools=(gzip tar python3)
if [[ -z $megabytes ]]; then tools+=(mmdebstrap npm); fi
for tool in "${tools[@]}"; do
  command -v "$tool" > /dev/null || { echo "build-image.sh: $tool is not installed" >&2; exit 1; }
done
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d "$out/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Most layers in registries look like gzip -6 -n: one member, no name, no time.
keep_as_gzip() {
  gzip -6 -n -c "$1" > "$work/layer.gz"
  mv "$work/layer.gz" "$2"
}

if [[ -n $megabytes && ! -s $out/node.tar.gz ]]; then
  python3 "$here/layers.py" entries 1000 > "$work/base.tar"
  keep_as_gzip "$work/base.tar" "$out/base.tar.gz"
  python3 "$here/layers.py" files "$megabytes" > "$work/node.tar"
  keep_as_gzip "$work/node.tar" "$out/node.tar.gz"
fi

if [[ ! -s $out/base.tar.gz ]]; then
  echo "base.tar.gz: Debian bookworm, minbase" >&2
  SOURCE_DATE_EPOCH=$epoch mmdebstrap --quiet --variant=minbase --format=tar bookworm "$work/base.tar" "$mirror"
  keep_as_gzip "$work/base.tar" "$out/base.tar.gz"
fi

if [[ ! -s $out/node.tar.gz ]]; then
  echo "node.tar.gz: npm ci" >&2
  mkdir -p "$work/root/app"
  cp "$here/node-image/package.json" "$here/node-image/package-lock.json" "$work/root/app/"
  # The platform is fixed, so that another machine resolves the same optional packages.
  (cd "$work/root/app" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
    --os=linux --cpu=x64 --libc=glibc >&2)
  # npm's record of what it installed differs between versions of npm.
  rm -f "$work/root/app/node_modules/.package-lock.json" "$work/root/app"/package*.json
  # ustar where it fits and pax where it does not, as Docker writes its layers.
  tar --create --file "$work/node.tar" --directory "$work/root" --format=posix \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner app
  keep_as_gzip "$work/node.tar" "$out/node.tar.gz"
  rm -rf "$work/root"
fi

if [[ ! -s $out/facts.json || ! -d $out/oci ]]; then
  for layer in base node; do
    mkdir -p "$work/tree/$layer"
    gzip -dc "$out/$layer.tar.gz" | tar --extract --file - --directory "$work/tree/$layer"
  done
  rm -rf "$out/oci"
  python3 "$here/layout.py" "$out" --epoch "$epoch" \
    --tree "base=$(tree_check "$work/tree/base")" --tree "node=$(tree_check "$work/tree/node")" \
    --tree "image=$(tree_check "$work/tree/base" "$work/tree/node")"
fi

if [[ ! -s $out/image.docker.tar ]]; then
  if command -v skopeo > /dev/null; then
    TMPDIR=$work skopeo --insecure-policy copy --quiet \
      "oci:$out/oci:img:latest" "docker-archive:$work/image.tar:img:latest"
    mv "$work/image.tar" "$out/image.docker.tar"
  else
    echo "image.docker.tar: skopeo is not installed, left out" >&2
  fi
fi

python3 "$here/layout.py" "$out" --print
