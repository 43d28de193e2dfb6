#!/usr/bin/env bash
# Runs the same image through blobs and every peer, alternately, on tmpfs or a disk's file system, and writes one table.
#
#   bench/peers/run.sh [--runs 5] [--warm-up 1] [--disk ext4|xfs] [--image DIR] [--out DIR] [--tmp DIR] [--only REGEX]
#
# --disk   every row writes to a new file system of that kind in a loop file under --tmp, and syncs it before its clock stops
# --image  output of build-image.sh (default: /tmp/blobs-bench-image, built when it is missing)
# --out    where the results go (default: bench/results/<date>-<cpu>)
# --tmp    a folder on tmpfs with about 8 GB free (default: /dev/shm)
# --only   rows whose GROUP_NAME matches, e.g. 'layer_|_dockerd'
#
# BLOBS=…  the command to measure (default: src/Blobs.Cli, published as a native program)
# TODAY=…  a program for the row ".NET today", called with a layer and a folder (default: bench/Blobs.Today)
#
# Run it on an otherwise idle machine: other load makes the numbers worthless.
set -euo pipefail
shopt -s inherit_errexit nullglob
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=tree.sh
source "$here/tree.sh"
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$here/machine.sh"
# shellcheck source-path=SCRIPTDIR source=measure.sh
source "$here/measure.sh"
# shellcheck source-path=SCRIPTDIR source=peers.sh
source "$here/peers.sh"

runs=5 warm_up=1 disk= image=/tmp/blobs-bench-image tmp=/dev/shm only=. out=
invocation="bench/peers/run.sh $*"
read_options 'runs warm_up disk image out tmp only' "$@"
for tool in jq python3 tar gzip time; do
  type -P "$tool" > /dev/null || { echo "run.sh: $tool is not installed" >&2; exit 1; }
done

[[ $disk =~ ^(|ext4|xfs)$ ]] || { echo "run.sh: --disk takes ext4 or xfs" >&2; exit 2; }
out=${out:-$repository/bench/results/$(machine_slug)/${disk:-tmpfs}}
mkdir -p "$out" "$tmp"

if type -P dotnet > /dev/null; then BLOBS=$(native_blobs); fi
today=$repository/bench/Blobs.Today
if [[ -z ${TODAY:-} && -d $today ]] && type -P dotnet > /dev/null; then
  dotnet build --configuration Release --nologo --verbosity quiet "$today" >&2
  TODAY=$today/bin/Release/net10.0/Blobs.Today
fi
BLOBS=${BLOBS:-} TODAY=${TODAY:-}

[[ -s $image/facts.json ]] || "$here/build-image.sh" "$image" >&2

# Everything below is in one folder on tmpfs, which is removed when the script ends.
scratch=$(mktemp -d "$tmp/blobs-bench.XXXXXX")
clean_up() {
  local file
  for file in "$scratch"/pids/*; do stop "$(basename "$file")"; done
  unmount_below "$scratch"
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
mkdir "$scratch/pids" "$scratch/input"
input=$scratch/input
cp --recursive "$image"/{base.tar.gz,node.tar.gz,facts.json,oci} "$input/"

# missing KEY: the requirements of a row that are not installed.
missing() {
  local need
  for need in ${row_needs[$1]}; do
    case $need in
      [A-Z]*) [[ -n ${!need} ]] && type -P "${!need}" > /dev/null || echo "$need" ;;
      *) type -P "$need" > /dev/null || echo "$need" ;;
    esac
  done
}

selected=()
for key in "${row_keys[@]}"; do
  # Durability costs something only on a disk, and a row that writes little or nothing says nothing about one.
  case ${disk:+disk}:$key in
    :durability_* | disk:hash_* | disk:export_* | disk:push_* | disk:save_*) continue ;;
  esac
  if [[ $key =~ $only ]]; then selected+=("$key"); fi
done

# fresh_folder: an empty folder for a row; with --disk on a new file system.
fresh_folder() {
  dir=$(mktemp -d "$scratch/run.XXXXXX")
  [[ -n $disk ]] || return 0
  truncate --size 6G "$scratch/disk.img"
  case $disk in
    ext4) mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 -N 400000 "$scratch/disk.img" ;;
    xfs) mkfs.xfs -q -f "$scratch/disk.img" ;;
  esac
  mount -o loop "$scratch/disk.img" "$dir"
}

discard_folder() {
  unmount_below "$dir"
  if [[ -n $disk ]]; then
    umount "$dir"
    rm -f "$scratch/disk.img"
  fi
  rm -rf "$dir"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# registry_config STORE PORT: a docker-registry on loopback.
registry_config() {
  cat << YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $1}}
http: {addr: "127.0.0.1:$2"}
YAML
}

# The registry with the image in it.
port=0
start_registry() {
  port=$(free_port)
  registry_config "$scratch/registry" "$port" > "$scratch/registry.yml"
  start registry docker-registry serve "$scratch/registry.yml"
  until_answers registry bash -c "exec 3<> /dev/tcp/127.0.0.1/$port"
  TMPDIR=$scratch skopeo --insecure-policy copy --quiet --dest-tls-verify=false \
    "oci:$image/oci:img:latest" "docker://127.0.0.1:$port/img:latest"
}
if [[ " ${selected[*]}" == *" image_"* ]] && type -P docker-registry skopeo > /dev/null; then start_registry; fi
target_port=$(free_port) # of the registry that is pushed to, a new one for every run

# record KEY RUN: appends the figures of the row; every field is quoted, and none contains a quote.
figures=(wall cpu server_cpu rss check verified)
record() {
  local figure label=${row_label[$1]} group=${row_group[$1]} bytes
  label=${label/SNAPSHOTTER/$(cat "$scratch/snapshotter" 2> /dev/null || echo overlayfs)}
  if [[ $group =~ ^(image|push|save)$ ]]; then bytes=$(fact .image.tarBytes); else bytes=$(fact .layers.node.tarBytes); fi
  {
    printf '"%s","%s","%s","%s","%s","%s"' "$group" "${1#*_}" "$label" "${row_checks[$1]}" "$bytes" "$2"
    for figure in "${figures[@]}"; do
      printf ',"%s"' "$(tail -n 1 "$scratch/row/$figure" 2> /dev/null | tr -d '"\n' || true)"
    done
    echo
  } >> "$out/raw.csv"
}

# measure KEY RUN: one row in a fresh folder; a failure is a result too, and does not end the others.
measure() {
  local key=$1 run=$2 absent status=0
  rm -rf "$scratch/row"
  mkdir "$scratch/row"
  absent=$(missing "$key" | paste -s -d ' ')
  if [[ -n $absent ]]; then
    note verified "not installed: $absent"
    if [[ $run -eq 1 ]]; then
      record "$key" 0
      report "$key" "$run"
    fi
    return 0
  fi
  fresh_folder
  set +e
  (set -e; "row_$key") 2> "$scratch/errors"
  status=$?
  set -e
  if [[ $status -ne 0 ]]; then
    note verified "failed, status $status: $(tail -n 1 "$scratch/errors")"
    rm -f "$scratch/row/wall"
    cat "$scratch/errors" >&2
  fi
  for file in "$scratch"/pids/*; do
    if [[ $file != */registry ]]; then stop "$(basename "$file")"; fi
  done
  discard_folder
  if [[ $run -gt 0 ]]; then record "$key" "$run"; fi
  report "$key" "$run"
}

# report KEY RUN: prints a line of progress.
report() {
  printf '%2d  %-18s %8s s  %s\n' "$2" "$1" "$(cat "$scratch/row/wall" 2> /dev/null || echo -)" \
    "$(cat "$scratch/row/verified")" >&2
}

versions() {
  machine_facts "$invocation" "${disk:+$disk in a loop file on }$(stat --file-system --format %T "$scratch")"
  echo
  version blobs "$BLOBS" --version
  version .NET dotnet --version
  version dockerd dockerd --version
  version containerd containerd --version
  version registry docker-registry --version
  version podman podman --version
  version skopeo skopeo --version
  version umoci umoci --version
  version tar-split tar-split --version
  version tar tar --version
  version gzip gzip --version
  version igzip igzip --version
  version pigz pigz --version
  version zstd zstd --version
  version unpigz unpigz --version # dockerd and containerd decompress with it when it is there
  echo
  for key in "${selected[@]}"; do printf '%-18s %s\n' "$key" "${row_command[$key]}"; done
  echo
  python3 "$here/layout.py" "$image" --print
}

version() {
  local line
  if type -P "${2:-none}" > /dev/null; then line=$("${@:2}" 2>&1 | head -n 1 || true); else line="not installed"; fi
  printf '%-11s %s\n' "$1" "$line"
}

load=$(cut -d ' ' -f 1 /proc/loadavg)
if awk "BEGIN { exit !($load > 0.5) }"; then
  echo "run.sh: the load is $load; other load makes these numbers worthless" >&2
fi
versions > "$out/Versions.txt"
echo "group,row,label,checks,tar_bytes,run,wall_s,cpu_s,server_cpu_s,peak_rss_kib,check,verified" > "$out/raw.csv"
for (( run = 1 - warm_up; run <= runs; run++ )); do
  for key in "${selected[@]}"; do measure "$key" "$run"; done
done

python3 "$here/table.py" "$out/raw.csv" > "$out/table.md"
python3 "$here/chart.py" "$out/raw.csv"
cat "$out/table.md"
