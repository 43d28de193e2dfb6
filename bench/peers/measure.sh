# shellcheck shell=bash disable=SC2154
# Measures what a command, or a daemon working for it, used. Sourced by run.sh, which sets `scratch`.
#
# A row writes its figures to these files in $scratch/row: wall, cpu, server_cpu, rss, check, verified.

# note NAME VALUE: one figure of the running row.
note() {
  echo "$2" > "$scratch/row/$1"
}

# timed COMMAND...: wall seconds, user + system seconds, and the peak memory of the command's largest process; on a disk,
# including the sync of what was written.
timed() {
  local begin end user system kib
  begin=${EPOCHREALTIME/[.,]/}
  command time --output="$scratch/row/time" --format='%U %S %M' "$@"
  if [[ -n $disk && -z ${syncs_itself:-} ]]; then sync --file-system "$dir"; fi
  end=${EPOCHREALTIME/[.,]/}
  read -r user system kib < "$scratch/row/time"
  note wall "$(awk "BEGIN { printf \"%.3f\", ($end - $begin) / 1e6 }")"
  note cpu "$(awk "BEGIN { printf \"%.2f\", $user + $system }")"
  note rss "$kib"
}

# cpu_of PID: CPU seconds of a process and its descendants, including those it has waited for.
cpu_of() {
  # A process that ends between the listing and the reading is not an error.
  { cat /proc/[0-9]*/stat 2> /dev/null || true; } | awk -v root="$1" -v hertz="$(getconf CLK_TCK)" '
    {
      pid = $1
      sub(/^.*\) /, "") # the name may hold spaces; $1 is now the state, $2 the parent
      parent[pid] = $2
      ticks[pid] = $12 + $13 + $14 + $15
    }
    END {
      for (pid in parent) {
        for (up = pid; up && up != root; up = parent[up]) { }
        if (up == root) total += ticks[pid]
      }
      printf "%.2f", total / hertz
    }'
}

# peak_of PID: the largest peak memory, in KiB, of a process and its living descendants.
peak_of() {
  local pid own peak=0
  local -a children pending=("$1")
  while [[ ${#pending[@]} -gt 0 ]]; do
    pid=${pending[0]}
    pending=("${pending[@]:1}")
    read -ra children < <(cat "/proc/$pid"/task/*/children 2> /dev/null | tr '\n' ' ') || true
    pending+=("${children[@]}")
    own=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status" 2> /dev/null || true)
    if (( ${own:-0} > peak )); then peak=$own; fi
  done
  echo "$peak"
}

# timed_with PID COMMAND...: like timed, plus the work that the daemon PID did for it.
timed_with() {
  local pid=$1 before after peak kib
  shift
  before=$(cpu_of "$pid")
  timed "$@"
  after=$(cpu_of "$pid")
  peak=$(peak_of "$pid")
  kib=$(cat "$scratch/row/rss")
  note cpu "$(awk "BEGIN { printf \"%.2f\", $(cat "$scratch/row/cpu") + $after - $before }")"
  note rss "$(( peak > kib ? peak : kib ))"
}

# start NAME COMMAND...: starts a daemon, and records its pid for stop and for the end of the run.
start() {
  local name=$1
  shift
  "$@" > "$scratch/$name.log" 2>&1 < /dev/null &
  echo $! > "$scratch/pids/$name"
}

pid_of() {
  cat "$scratch/pids/$1"
}

# stop NAME: ends a daemon by its pid and waits until it is gone.
stop() {
  local pid
  [[ -s $scratch/pids/$1 ]] || return 0
  pid=$(pid_of "$1")
  kill "$pid" 2> /dev/null || true
  for _ in {1..200}; do
    # A child that has ended but was not waited for still answers kill -0.
    [[ -d /proc/$pid && $(awk '{ sub(/^.*\) /, ""); print $1 }' "/proc/$pid/stat" 2> /dev/null) != Z ]] || break
    sleep 0.1
  done
  if [[ -d /proc/$pid ]]; then kill -9 "$pid" 2> /dev/null || true; fi
  rm -f "$scratch/pids/$1"
}

# until_answers NAME COMMAND...: waits until a daemon is ready; fails when it has ended.
until_answers() {
  local name=$1
  shift
  for _ in {1..300}; do
    if "$@" > /dev/null 2>&1; then return 0; fi
    kill -0 "$(pid_of "$name")" 2> /dev/null || break
    sleep 0.1
  done
  echo "$name does not answer:" >&2
  tail -n 5 "$scratch/$name.log" >&2
  return 1
}

# unmount_below DIR: unmounts what a peer left mounted there, deepest first.
unmount_below() {
  awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r mount; do
    umount "$mount" 2> /dev/null || umount --lazy "$mount" 2> /dev/null || true
  done
}
