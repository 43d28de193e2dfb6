#!/usr/bin/env bash
# Measures every figure of bench/README.md and writes it there, and the headline into README.md: the peers on tmpfs, ext4 and xfs,
# growing layers, single parts, verify, the registry.
#
#   bench/figures.sh [--runs 5] [--image DIR]
#
# Run as root on an otherwise idle machine; takes about 40 minutes. bench/peers/README.md lists what must be installed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=peers/machine.sh
source "$here/peers/machine.sh"
runs=5 image=/tmp/blobs-bench-image
read_options 'runs image' "$@"
out=$here/results/$(machine_slug)
BLOBS=$(native_blobs)
export BLOBS

"$here/peers/run.sh" --runs "$runs" --image "$image" --out "$out/tmpfs"
"$here/peers/run.sh" --runs "$runs" --image "$image" --out "$out/ext4" --disk ext4 --only "$("$here/peers/readme.py" --rows ext4)"
"$here/peers/run.sh" --runs "$runs" --image "$image" --out "$out/xfs" --disk xfs --only "$("$here/peers/readme.py" --rows xfs)"
"$here/peers/scale.sh" --out "$out/scale"
"$here/peers/parts.sh" --image "$image" --out "$out/parts"
"$here/peers/verify.sh" --image "$image" --out "$out/verify"
"$here/peers/registry/run.sh" --runs "$runs" --out "$out/registry"
"$here/peers/readme.py" "$out"
