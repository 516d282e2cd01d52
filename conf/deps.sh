#!/usr/bin/env bash
# Brings a Debian 12 or 13 machine to where credgate builds and its tests run; --help has the details.
set -euo pipefail

usage() {
  cat <<'END'
usage: conf/deps.sh [--package | --help]

Installs what building and testing credgate needs on Debian 12 and 13, where it is missing:
  - Debian packages: compilers, libraries, tools (apt-get, with sudo unless run by root);
  - node (18 or later) and npm, unless both commands are there already;
  - two nats-servers for the end-to-end tests, the oldest supported (2.10) and the newest,
    unpacked from Debian's packages, not installed:
      build/deps/nats-server/oldest/nats-server
      build/deps/nats-server/newest/nats-server
    One in PATH is linked instead where it fits, and one put there by hand is kept.
With --package, what building the Debian package and its test need instead: neither node, nor
nats-servers, nor what only other tests use.
What is there already is left alone, so it may be run again at any time.
END
}

fail() { # what went wrong, what to do next
  printf 'deps.sh: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

case "$#${1-}" in
  0) for_package=false ;;
  1--package) for_package=true ;;
  1--help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/build/deps
packages=(g++ cmake ninja-build pkg-config libnats-dev libsodium-dev libcrypt-dev nlohmann-json3-dev
  liblmdb-dev libcli11-dev libhowardhinnant-date-dev prometheus-cpp-dev libmicrohttpd-dev
  catch2 libbenchmark-dev libseccomp-dev tzdata ca-certificates)
# clang-format and clang-tidy of the version that tests/tidy.sh needs: both systems have it under this name.
testing=(clang lld clang-format-19 clang-tidy-19 shellcheck git xz-utils openssl mosquitto-clients systemd
  mandoc zsh fish lmdb-utils curl prometheus awscli python3-boto3
  golang-go golang-github-nats-io-go-nats-dev)
packaging=(dpkg-dev file lintian debootstrap)

# In a subshell, as the file sets names of its own. Debian testing and sid have no VERSION_ID.
# shellcheck source=/dev/null
read -r system codename < <(. /etc/os-release && echo "${ID-}-${VERSION_ID-} ${VERSION_CODENAME-}") || true
case ${system-} in
  # The fuzzers link clang's runtime, which clang only recommends; recommendations are not installed.
  debian-12) testing+=(libclang-rt-14-dev) ;;
  debian-13) testing+=(libclang-rt-19-dev) ;;
  *) fail "this is neither Debian 12 nor 13; nothing was changed" \
    "install what your system calls these: ${packages[*]} ${testing[*]} libclang-rt-dev nodejs npm nats-server" ;;
esac
if "$for_package"; then packages+=("${packaging[@]}"); else packages+=("${testing[@]}"); fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

quietly() { # command...
  "$@" >>"$log" 2>&1 && return
  cat "$log" >&2
  return 1
}

node_is_enough() {
  ! "$for_package" || return 0  # which has no use for it
  command -v npm >/dev/null && [[ $(node --version 2>/dev/null) =~ ^v([0-9]+) ]] && ((BASH_REMATCH[1] >= 18))
}

install_packages() {
  local installed package missing=() as_root=()
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    grep -qxF "installed $package" <<<"$installed" || missing+=("$package")
  done
  # The commands count, not the packages: a Node.js from elsewhere brings npm and conflicts with Debian's.
  node_is_enough || missing+=(nodejs npm)
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "packages are missing, and there is no sudo" \
      "as root: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  echo "installing ${missing[*]}"
  quietly "${as_root[@]}" apt-get -q update || fail "apt-get update failed" \
    "see above; mend the machine's apt sources or its network, then run this again"
  quietly "${as_root[@]}" apt-get -q install -y --no-install-recommends "${missing[@]}" ||
    fail "apt-get install failed" "see above; once 'apt-get install ${missing[*]}' works, run this again"
  node_is_enough || fail "node is still older than 18, or npm is missing" \
    "another node comes first in PATH, $(command -v node || echo none): update or remove it"
}

version_of() { # executable: its version, or nothing if it does not run
  "$1" --version 2>/dev/null | grep -Eom1 '[0-9]+\.[0-9]+\.[0-9]+' || true
}

# Auth callout began with 2.10. Newest means 2.15 or later, which sid had when this was written:
# what is newest today could only be learnt from the network, at every run.
fits() { # role executable
  local version
  version=$(version_of "$2")
  case $1 in
    oldest) [[ $version == 2.10.* ]] ;;
    newest) [[ -n $version ]] && dpkg --compare-versions "$version" ge 2.15 ;;
  esac
}

# apt reads the machine's sources here, so it understands every format and option of theirs.
mirrors() {
  apt-get update --print-uris 2>>"$log" |
    sed -nE "s,^'(.*)/dists/($codename|stable|oldstable)/InRelease'.*,\1,p" | awk '!seen[$0]++'
}

# apt reads a file given with -c after the machine's own settings: proxies and the like stay in force,
# and what would touch the system or weaken the check of signatures is replaced.
unpack_nats_server() { # mirror suite directory
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  rm -rf "$3"
  mkdir -p "$3"/{state/lists/partial,cache/archives/partial,unpacked}
  echo "deb [arch=$(dpkg --print-architecture) signed-by=$keyring target=Packages] $1 $2 main" >"$3/sources.list"
  cat >"$3/apt.conf" <<END
// The hooks would work on the machine's caches, and the default is a release that is not here.
#clear APT::Update;
#clear APT::Default-Release;
APT::Update::Error-Mode "any";
// The sandbox user may not be able to enter this directory.
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Dir::State "$3/state/"; Dir::State::lists "lists/"; Dir::State::status "/dev/null";
Dir::Cache "$3/cache/"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "$3/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
END
  # One chain, as set -e does not hold inside the caller's condition.
  (cd "$3" && apt-get -q -c apt.conf update && apt-get -q -c apt.conf download nats-server &&
    dpkg-deb -x nats-server_*.deb unpacked) >>"$log" 2>&1 </dev/null
}

provide_nats_server() { # role suite
  local target=$deps/nats-server/$1/nats-server in_path mirror unpacked
  fits "$1" "$target" && return
  mkdir -p "${target%/*}"
  if in_path=$(command -v nats-server) && fits "$1" "$in_path"; then
    ln -sfn "$(realpath "$in_path")" "$target"
    return
  fi

  echo "fetching the $1 nats-server from Debian $2"
  # Other archives use Debian's suite names too, but only a mirror of Debian passes the check of signatures.
  while read -r mirror; do
    unpack_nats_server "$mirror" "$2" "$deps/apt" || continue
    unpacked=$(find "$deps/apt/unpacked" -type f -name nats-server)
    fits "$1" "$unpacked" || fail "Debian $2 has nats-server '$(version_of "$unpacked")', not fit as $1" \
      "put one that fits at $target"
    mv -f "$unpacked" "$target"
    rm -rf "$deps/apt"
    return
  done < <(mirrors)

  cat "$log" >&2
  if grep -qE 'NO_PUBKEY|EXPKEYSIG|Missing key' "$log"; then
    fail "the signature of Debian $2 could not be verified" \
      "debian-archive-keyring is too old for it: update that package, then run this again"
  fi
  fail "no Debian mirror among the machine's apt sources gave nats-server from $2" \
    "see above; mend the sources or the network, or put a nats-server at $target"
}

install_packages
! "$for_package" || exit 0
provide_nats_server oldest trixie
provide_nats_server newest sid
for role in oldest newest; do
  echo "$role nats-server: $(version_of "$deps/nats-server/$role/nats-server")"
done
