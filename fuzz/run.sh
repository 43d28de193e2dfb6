#!/usr/bin/env bash
# Fuzzes one target, or all of them in turn: coverage-guided, each in its own process, for a given number of executions.
#
#   fuzz/run.sh TARGET|--all [EXECUTIONS] [SEED] [--keep]     default: 100,000 executions, seed 1
#   fuzz/run.sh --afl TARGET [SECONDS]                        the same target under AFL++, default: 60 seconds
#
# --keep replaces the corpus with a minimal set of inputs that covers every edge seen. Findings go to
# fuzz/findings/TARGET; the exit code is 1 when there are any. The same seed and build give the same run.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$here")
program=$repository/artifacts/fuzz
export BLOBS_FUZZ_FOLDER=$here

build() {
  dotnet build --configuration Release --nologo --verbosity quiet "$here/Blobs.Fuzz" >&2
  rm -rf "$program"
  mkdir -p "$program"
  cp -r "$here/Blobs.Fuzz/bin/Release/net10.0/." "$program"
  # The instrumenter must not instrument its own assemblies, so a copy is instrumented.
  for assembly in Blobs.dll Blobs.Docker.dll Blobs.Distribution.dll Blobs.Transfer.dll Blobs.Registry.dll SharpCompress.dll; do
    "$here/Blobs.Fuzz/bin/Release/net10.0/Blobs.Fuzz" --instrument "$program/$assembly" >&2
  done
}

build
if [[ $1 == --afl ]]; then
  out=$repository/artifacts/afl/$2
  rm -rf "$out"
  mkdir -p "$out"
  words=()
  [[ ! -s $here/dictionaries/$2.dict ]] || words=(-x "$here/dictionaries/$2.dict")
  AFL_SKIP_BIN_CHECK=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 \
    afl-fuzz -i "$here/corpora/$2" -o "$out" -t 10000 -m none -V "${3:-60}" "${words[@]}" -- "$program/Blobs.Fuzz" --afl "$2" >&2
  grep -E 'execs_done|edges_found|saved_crashes|saved_hangs' "$out/default/fuzzer_stats"
  grep -q 'saved_crashes *: 0' "$out/default/fuzzer_stats"
  exit
fi

if [[ $1 == --all ]]; then targets=$("$program/Blobs.Fuzz" --list); else targets=$1; fi
status=0
for target in $targets; do
  "$program/Blobs.Fuzz" --fuzz "$target" "${2:-100000}" "${3:-1}" "${@:4}" || status=1
done
exit $status
