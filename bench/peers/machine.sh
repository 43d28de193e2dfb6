# shellcheck shell=bash
# Describes this machine, for every Versions.txt and folder of results. Sourced, not run.

cpu_model() {
  awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo
}

# machine_slug: "<date>-<cpu>-<cores>c", the name of a folder of results.
machine_slug() {
  local cpu
  cpu=$(cpu_model | tr '[:upper:]' '[:lower:]' | sed -E 's/\((r|tm)\)//g; s/[^a-z0-9]+/-/g; s/^-|-$//g')
  echo "$(date +%F)-${cpu:-$(uname -m)}-$(nproc)c"
}

# machine_facts COMMAND FOLDER: the head of a Versions.txt.
machine_facts() {
  echo "date        $(date -u +%FT%TZ)"
  echo "command     $1"
  echo "commit      $(git -C "$repository" describe --always --dirty 2> /dev/null || echo unknown)"
  echo "kernel      $(uname -srm)"
  echo "cpu         $(nproc) x $(cpu_model)"
  echo "memory      $(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)"
  echo "load        $(cut -d ' ' -f 1-3 /proc/loadavg) before the first run"
  echo "files       $2"
}

# native_blobs: builds the native program unless BLOBS names one, and prints its path.
native_blobs() {
  local runtime
  if [[ -z ${BLOBS:-} ]]; then
    runtime=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
    dotnet publish --configuration Release --runtime "$runtime" --nologo --verbosity quiet --output "$repository/artifacts/native" \
      "$repository/src/Blobs.Cli" >&2
    BLOBS=$repository/artifacts/native/blobs
  fi
  echo "$BLOBS"
}

# read_options 'NAME…' ARGUMENT…: --some-name VALUE sets the variable some_name, where NAME… has it.
read_options() {
  local names=" $1 " name
  shift
  while [[ $# -gt 0 ]]; do
    name=${1#--}
    name=${name//-/_}
    [[ $1 == --* && $names == *" $name "* ]] || { echo "$(basename "$0"): unknown option $1" >&2; exit 2; }
    [[ $# -ge 2 ]] || { echo "$(basename "$0"): $1 takes a value" >&2; exit 2; }
    printf -v "$name" '%s' "$2"
    shift 2
  done
}

# make_scratch NAME: makes a folder below $tmp, sets $scratch to it, and removes it when the script ends.
make_scratch() {
  scratch=$(mktemp -d "$tmp/blobs-$1.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM
}
