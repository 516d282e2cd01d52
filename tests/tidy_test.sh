#!/usr/bin/env bash
# tests/tidy.sh must find what it is for: a small tree in which it finds nothing is shown to it with one
# wrong thing at a time, and each must make it fail, for that reason.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
planted=0

make_tree() {
  rm -rf "${tree:?}"/{*,.git}
  cp "$root"/.clang-{format,tidy} "$tree"
  mkdir -p "$tree"/{gateway,build,tests/{unit,e2e}}
  cat >"$tree/CMakeLists.txt" <<'END'
add_library(gateway
  gateway/a.cc
  gateway/b.cc)
END
  cat >"$tree/gateway/a.cc" <<'END'
namespace gateway {

int twice(int number) {
  return 2 * number;
}

}  // namespace gateway
END
  cp "$tree"/gateway/{a,b}.cc
  cat >"$tree/tests/unit/a_test.cc" <<'END'
TEST_CASE("a: twice two is four", "[gateway]") {
  CHECK(twice(2) == 4);
}
END
  echo 't.test("twice two is four", () => {});' >"$tree/tests/e2e/a.test.mjs"
  echo "There is no better word for a word." >"$tree/README.md"
  printf '[{"directory":"%s","file":"gateway/a.cc","command":"clang++ -c gateway/a.cc"}]' "$tree" >"$tree/build/compile_commands.json"
  echo /build/ >"$tree/.gitignore"
  git -C "$tree" init -q
  git -C "$tree" add .
  git -C "$tree" -c user.name=test -c user.email=test@localhost commit -qm "a tree"
}

tidy() { # check...
  "$root/tests/tidy.sh" --tree "$tree" --build "$tree/build" --base HEAD "$@" 2>&1
}

clean() { # check...
  local said
  said=$(tidy "$@") && return
  printf 'found in a tree in which nothing is wrong:\n%s\n' "$said"
  exit 1
}

finds() { # check, what it must say: in the tree as it is now; then makes it anew
  local said
  if said=$(tidy "$1"); then
    printf 'not found: %s\n' "$2"
    exit 1
  fi
  if [[ $said != *"$2"* ]]; then
    printf 'found, but not said: %s\n%s\n' "$2" "$said"
    exit 1
  fi
  planted=$((planted + 1))
  make_tree
}

lines() { # how many, of what
  local i
  for ((i = 0; i < $1; i++)); do printf '%s\n' "$2"; done
}

function_of() { # lines of its body
  printf '\nnamespace gateway {\n\nint long_one() {\n'
  lines "$1" '  ++counter;'
  printf '}\n\n}  // namespace gateway\n'
}

make_tree
clean format lists words functions files names clang_tidy

echo 'int  odd ;' >>"$tree/gateway/a.cc"
finds format 'gateway/a.cc: 2 places are not'

sed -i 's,  gateway/a.cc,  gateway/c.cc,' "$tree/CMakeLists.txt"
finds lists 'CMakeLists.txt:3: gateway/b.cc stands after gateway/c.cc'

sed -i 's,gateway/a.cc,gateway/a.cc gateway/a2.cc,' "$tree/CMakeLists.txt"
finds lists 'CMakeLists.txt:2: two source files in one line'

while IFS='|' read -r file line better; do
  echo "$line" >>"$tree/$file"
  finds words "$better"
done <<'END'
README.md|name: must be a text|must be a string
README.md|That is no number.|is not a
README.md|Run /home/me/it.|a path of one machine
gateway/new.cc|// TODO: name this|do it, or file it
gateway/a.cc|// Of one thread.|Not thread-safe.
gateway/a.cc|// See issue #12.|the number is of no use
gateway/a.cc|class Ear;|Subscriber
gateway/a.cc|int kMostBytes;|kMax
END

function_of 60 >>"$tree/gateway/a.cc"
clean functions
function_of 61 >>"$tree/gateway/a.cc"
finds functions 'a function of 61 lines'

{ printf 'class Long {\n void one();\n\n  int two(int number,\n          int other) const {\n'; lines 61 '    ++counter;'; printf '  }\n};\n'; } >>"$tree/gateway/a.cc"
finds functions 'gateway/a.cc:11: a function of 61 lines'

lines 293 '' >>"$tree/gateway/a.cc"
clean files
lines 1 '' >>"$tree/gateway/a.cc"
finds files 'gateway/a.cc: more than 300 lines'

echo 'TEST_CASE("twice two is four", "[gateway]") {' >>"$tree/tests/unit/a_test.cc"
finds names 'a_test.cc:4: TEST_CASE("twice'

printf 'TEST_CASE("a: a name that is long and has no tag, for which it has another line "\n          "of its own") {\n' >>"$tree/tests/unit/a_test.cc"
finds names 'a_test.cc:4: TEST_CASE("a: a name'

echo 't.test("four", () => {});' >>"$tree/tests/e2e/a.test.mjs"
finds names 'a.test.mjs:2:'

echo 'int* nothing() { return 0; }' >>"$tree/gateway/a.cc"
finds clang_tidy 'modernize-use-nullptr'

echo 'int WrongName() { return 0; }' >>"$tree/gateway/a.cc"
finds clang_tidy 'readability-identifier-naming'

# A unit that is left as it was is none of the changed ones; with --all it is.
echo 'int* nothing() { return 0; }' >>"$tree/gateway/a.cc"
git -C "$tree" -c user.name=test -c user.email=test@localhost commit -qam "a wrong line"
clean clang_tidy
finds_all=$(tidy --all clang_tidy) && { echo "not found with --all"; exit 1; }
[[ $finds_all == *modernize-use-nullptr* ]] || { printf 'with --all it says:\n%s\n' "$finds_all"; exit 1; }

echo "tidy: each of $((planted + 1)) planted wrong things was found"
