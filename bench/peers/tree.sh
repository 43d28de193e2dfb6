# shellcheck shell=bash
# Summarises a tree in one line: the check value of every peer that unpacks. Sourced, not run.

# tree_check DIR...: "ENTRIES HASH" of the union of some trees. The hash covers kind, mode, owner, link target, and
# for files size and time; the times of directories are left out, because a layer above may touch them.
tree_check() {
  local list
  [[ $# -gt 0 && -d $1 ]] || { echo "there is no tree" >&2; return 1; }
  list=$(mktemp)
  find "$@" -mindepth 1 \( \
    -type f -printf 'f %m %U:%G %s %T@ %P\n' -o \
    -type l -printf 'l %U:%G %l %P\n' -o \
    -printf '%y %m %U:%G %P\n' \) | LC_ALL=C sort -u > "$list"
  echo "$(wc -l < "$list") $(sha256sum < "$list" | cut -c 1-12)"
  rm -f "$list"
}
