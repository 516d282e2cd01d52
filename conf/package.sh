#!/usr/bin/env bash
# Builds the Debian package for this machine's release; --help has the details.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: conf/package.sh [--help]

Builds credgate for Debian 12 or 13, whichever this machine is, into
  build/package/credgate_VERSION_ARCHITECTURE.deb
and looks it through with lintian, whose errors and warnings are failures. What is missing is
installed first (conf/deps.sh --package). tests/package.sh installs and uses the package.
TEXT
}

fail() { # what went wrong, what to do next
  printf 'package.sh: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

case "$#${1-}" in
  0) ;;
  1--help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
conf/deps.sh --package

version=$(sed -nE 's/^project\(credgate VERSION ([0-9.]+) .*/\1/p' CMakeLists.txt)
changed=$(dpkg-parsechangelog -l conf/package/changelog -S Version)
[[ $changed == "$version-1" ]] || fail "conf/package/changelog begins with $changed, and the project is $version" \
  "write an entry for $version-1"

cmake --preset release --log-level=WARNING
cmake --build --preset release --target credgate
rm -rf build/package
mkdir -p build/package
cpack --config build/release/CPackConfig.cmake -G DEB -B build/package >build/package/cpack.log 2>&1 ||
  fail "cpack failed" "see build/package/cpack.log"
rm -rf build/package/_CPack_Packages

package=(build/package/credgate_*.deb)
lintian=(lintian --fail-on "error,warning")
((EUID != 0)) || lintian+=(--allow-root)
"${lintian[@]}" "${package[0]}" || fail "lintian has found something" "see above"
echo "${package[0]}: lintian finds no errors and no warnings"
