#!/usr/bin/env bash
# Runs two builds of the native program in turns over the same work, and prints what the second costs relative to the first.
#
#   bench/ab.sh OLD NEW [--rounds 5] [--image DIR] [--layout DIR] [--only REGEX] [--blobs 64] [--mib 16] [--out DIR] [--tmp DIR]
#
# OLD, NEW  two files `blobs`, as `dotnet publish -r linux-x64 src/Blobs.Cli` makes them
# --rounds  measured rounds, after one that is not counted (default: 5)
# --image   output of peers/build-image.sh; measures its two layers (default: /tmp/blobs-bench-image, built when it is missing)
# --layout  an OCI layout of gzip layers instead, with one image
# --only    works whose name matches, e.g. 'push|save'
# --blobs, --mib  what Blobs.Load pushes to the registry and pulls from it
# --out     also keeps raw.csv, table.md and Versions.txt there
# --tmp     a folder on tmpfs with about 6 GB free (default: /dev/shm)
#
# Both read the same inputs: layout, data root and registry's store are made by OLD, and the registry that serves and takes images runs OLD,
# so that only the client differs. For `registry_push` and `registry_pull` each program serves, and CPU is the server's.
# The check value of a work must be the same in every round of both programs; the script fails when one is not.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=peers/tree.sh
source "$here/peers/tree.sh"
# shellcheck source-path=SCRIPTDIR source=peers/machine.sh
source "$here/peers/machine.sh"
# shellcheck source-path=SCRIPTDIR source=peers/measure.sh
source "$here/peers/measure.sh"

rounds=5 image=/tmp/blobs-bench-image layout='' only=. blobs=64 mib=16 out='' tmp=/dev/shm disk=''
invocation="bench/ab.sh $*"
[[ $# -ge 2 && $1 != --* && $2 != --* ]] || { echo "usage: ab.sh OLD NEW [--rounds N] [--image DIR] …" >&2; exit 2; }
declare -A program=([old]=$(realpath "$1") [new]=$(realpath "$2"))
read_options 'rounds image layout only blobs mib out tmp' "${@:3}"
for name in old new; do
  "${program[$name]}" --version > /dev/null || { echo "ab.sh: ${program[$name]} does not run" >&2; exit 1; }
done
for tool in jq curl python3 gzip time; do
  type -P "$tool" > /dev/null || { echo "ab.sh: $tool is not installed" >&2; exit 1; }
done

scratch=$(mktemp -d "$tmp/blobs-ab.XXXXXX")
clean_up() {
  local file
  for file in "$scratch"/pids/*; do [[ ! -e $file ]] || stop "$(basename "$file")"; done
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
mkdir "$scratch/pids" "$scratch/row"

if [[ -z $layout ]]; then
  [[ -s $image/facts.json ]] || "$here/peers/build-image.sh" "$image" >&2
  layout=$image/oci
fi
cp --recursive "$layout" "$scratch/layout"
layout=$scratch/layout
dotnet build --configuration Release --nologo --verbosity quiet "$here/Blobs.Load" >&2
load=$here/Blobs.Load/bin/Release/net10.0/Blobs.Load
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# The largest layer of the layout, as a file.
manifest=$(jq -r '.manifests[0].digest' "$layout/index.json")
layer=$layout/blobs/$(jq -r '.layers | max_by(.size) | .digest' "$layout/blobs/${manifest/://}" | tr : /)

# serve NAME STORE: a registry on the port, run by one of the two programs.
serve() {
  mkdir -p "$2"
  start registry "${program[$1]}" serve --store "$2" --listen "127.0.0.1:$port" --quiet
  until_answers registry curl --silent --fail --output /dev/null "http://127.0.0.1:$port/v2/"
}

# The root that images are pushed, saved and exported from, and the store that they are pulled from.
name=127.0.0.1:$port/img:latest
root=$scratch/root
"${program[old]}" copy "oci:$layout" "docker-data:$root//$name" --quiet > /dev/null
cp --archive "$root/image" "$scratch/names"
serve old "$scratch/store"
"${program[old]}" copy "oci:$layout" "docker://$name" --quiet > /dev/null
stop registry
# The layer with the longest tar.
largest=$(for size in "$root"/image/overlay2/layerdb/sha256/*/size; do echo "$(cat "$size") $size"; done | sort -n | tail -n 1)
largest=sha256:$(basename "$(dirname "${largest#* }")")

# digest_of: twelve digits of the digest of standard input.
digest_of() { sha256sum | cut -c 1-12; }

# check_root DIR: what a program left in a data root: the trees, and the layers' records but for the names of their directories.
check_root() {
  local layers=$1/image/overlay2/layerdb/sha256 record
  tree_check "$1"/overlay2/*/diff
  for record in "$layers"/*; do
    echo "${record##*/} $(cat "$record/diff") $(gzip -dc "$record/tar-split.json.gz" | digest_of)"
  done | digest_of
}

# check_printed FILE: the identifiers that a program printed.
check_printed() { grep -o 'sha256:[0-9a-f]\{64\}' "$1" | sort -u | digest_of; }

# A work is a function work_NAME: $blobs_program does it, once, in the empty folder $dir; `timed` measures it; it prints its check value.
works=(hash ingest load pull export push save_oci_gzip save_oci_gzip_pipe save_zstd registry_push registry_pull)

work_hash() {
  timed "$blobs_program" hash "$layer" --tar-split "$dir/recording.gz" --json > "$dir/printed"
  check_printed "$dir/printed"
  gzip -dc "$dir/recording.gz" | digest_of
}

work_ingest() {
  timed "$blobs_program" ingest "$layer" --root "$dir/root" --driver overlay2 --json > "$dir/printed"
  check_printed "$dir/printed"
  check_root "$dir/root"
}

work_load() {
  timed "$blobs_program" load "$layout" --root "$dir/root" --driver overlay2 --quiet > /dev/null
  check_root "$dir/root"
}

work_pull() {
  serve old "$scratch/store"
  timed "$blobs_program" pull "$name" --root "$dir/root" --driver overlay2 --quiet > /dev/null
  check_root "$dir/root"
}

work_export() {
  timed "$blobs_program" layer export "$largest" --root "$root" --quiet > /dev/null
  "$blobs_program" layer export "$largest" --root "$root" --quiet | digest_of
}

# A push remembers which blobs the registry has, and the next one would not send them: hence a new store, and the root as it was.
work_push() {
  rm -rf "$root/image"
  cp --archive "$scratch/names" "$root/image"
  serve old "$dir/store"
  timed "$blobs_program" push "$name" --root "$root" --quiet > /dev/null
  check_image
}

# check_image: the manifest that a program pushed, and the DiffIDs of the layers that it names.
check_image() {
  local repository=http://127.0.0.1:$port/v2/img digest
  curl --silent --fail --header 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
    --header 'Accept: application/vnd.oci.image.manifest.v1+json' "$repository/manifests/latest" > "$dir/manifest"
  digest_of < "$dir/manifest"
  for digest in $(jq -r '.layers[].digest' "$dir/manifest"); do
    curl --silent --fail "$repository/blobs/$digest" | gzip -dc | digest_of
  done
}

# save [WORD...]: the whole image into a file.
save() {
  timed "$blobs_program" save "$name" --root "$root" --output "$dir/image" --quiet "$@"
  digest_of < "$dir/image"
}

work_save_oci_gzip() { save --format oci --compression gzip; }
work_save_zstd() { save --compression zstd; }

# Into a pipe, where the length of a layer must be known before its first byte.
work_save_oci_gzip_pipe() {
  timed bash -o pipefail -c '"$@" | cat > /dev/null' - \
    "$blobs_program" save "$name" --root "$root" --format oci --compression gzip --quiet
  "$blobs_program" save "$name" --root "$root" --format oci --compression gzip --quiet | digest_of
}

# registry VERB: the time of the load, the CPU time and the peak memory of the server.
registry() {
  local before wall bytes check
  before=$(cpu_of "$(pid_of registry)")
  read -r wall bytes check < <("$load" "$1" "$port" --blobs "$blobs" --mib "$mib")
  note wall "$wall"
  note cpu "$(awk "BEGIN { printf \"%.2f\", $(cpu_of "$(pid_of registry)") - $before }")"
  note rss "$(peak_of "$(pid_of registry)")"
  echo "$check $bytes"
}

work_registry_push() {
  serve "$side" "$dir/store"
  registry push
  find "$dir/store" -path '*/blobs/sha256/*' -name data -printf '%h %s\n' | sed "s|$dir||" | sort | digest_of
}

work_registry_pull() {
  serve "$side" "$dir/store"
  "$load" push "$port" --blobs "$blobs" --mib "$mib" > /dev/null
  registry pull
}

# measure WORK SIDE ROUND: one work of one program, in a fresh folder.
measure() {
  local side=$2 blobs_program=${program[$2]} dir check figure
  dir=$(mktemp -d "$scratch/run.XXXXXX")
  rm -f "$scratch/row"/*
  check=$("work_$1" | paste -s -d ' ')
  stop registry
  rm -rf "$dir"
  printf '%2d  %-20s %s  %8s s  %s\n' "$3" "$1" "$side" "$(cat "$scratch/row/wall")" "$check" >&2
  if [[ $3 -gt 0 ]]; then
    {
      printf '%s,%s,%s' "$1" "$side" "$3"
      for figure in wall cpu rss; do printf ',%s' "$(cat "$scratch/row/$figure")"; done
      printf ',%s\n' "$check"
    } >> "$scratch/raw.csv"
  fi
}

{
  machine_facts "$invocation" "$(stat --file-system --format %T "$scratch")"
  for side in old new; do
    echo "$side         $("${program[$side]}" --version), sha256 $(digest_of < "${program[$side]}")"
  done
  echo "image       $manifest; export: $largest"
  echo "registry    $blobs blobs of $mib MiB"
} > "$scratch/Versions.txt"
cat "$scratch/Versions.txt" >&2
echo "work,side,round,wall_s,cpu_s,peak_rss_kib,check" > "$scratch/raw.csv"
for (( round = 0; round <= rounds; round++ )); do
  for work in "${works[@]}"; do
    [[ $work =~ $only ]] || continue
    # Who begins takes turns as well.
    if (( round % 2 )); then sides=(new old); else sides=(old new); fi
    for side in "${sides[@]}"; do measure "$work" "$side" "$round"; done
  done
done

status=0
python3 "$here/ab.py" "$scratch/raw.csv" > "$scratch/table.md" || status=$?
cat "$scratch/table.md"
if [[ -n $out ]]; then
  mkdir -p "$out"
  cp "$scratch"/{raw.csv,table.md,Versions.txt} "$out/"
fi
exit "$status"
