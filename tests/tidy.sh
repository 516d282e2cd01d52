#!/usr/bin/env bash
# What a reader would otherwise have to point out: format, lint, words, order, length; --help has the details.
set -euo pipefail

usage() {
  cat <<'END'
usage: tests/tidy.sh [--all] [--fix] [--base COMMIT] [--tree DIR] [--build DIR] [CHECK...]

Runs the checks given, or all of them in this order. Each looks at every file, but for clang_tidy.
  format      clang-format 19 would change nothing; with --fix it changes the files
  lists       source lists of CMake and the lists of this script: one entry a line, sorted
  words       a phrase that has a better word; the message has the better word too
  functions   C++ functions whose body has more than 60 lines, unit tests apart
  files       C++ files of more than 300 lines, unit tests apart
  names       Catch2: TEST_CASE("area: what is expected", "[folder]"); a part of a test
              of node: more than one word
  clang_tidy  .clang-tidy, with clang-tidy 19, over the .cc files that changed since the branch point,
              and those beside a .h that did; headers are checked as part of them
The branch point is where HEAD left origin/main; on main itself the commit before HEAD. Where more
than 60 files changed since then, those of the last commit are checked, and it says so.
  --all         clang_tidy takes every .cc file (about an hour)
  --base COMMIT another branch point
  --tree DIR    checks that tree, a git repository, in place of this one
  --build DIR   has the compile_commands.json; build/tidy is configured where this is not given
END
}

fail() { # what went wrong, what to do next
  printf 'tidy.sh: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

# The last version that both Debian 12 and 13 have: another one formats differently and knows other checks.
version=19
max_units=60
checks=() all=false fix=false base='' build=''
tree=$(dirname "${BASH_SOURCE[0]}")/..
while (($#)); do
  case $1 in
    --all) all=true ;;
    --fix) fix=true ;;
    --base) base=${2?"--base needs a commit"}; shift ;;
    --tree) tree=${2?"--tree needs a directory"}; shift ;;
    --build) build=${2?"--build needs a directory"}; shift ;;
    clang_tidy | files | format | functions | lists | names | words) checks+=("$1") ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
((${#checks[@]})) || checks=(format lists words functions files names clang_tidy)
export LC_ALL=C.UTF-8

cd "$tree"
git rev-parse --git-dir >/dev/null 2>&1 || fail "this is not a git repository" "clone it; the list of files comes from git"
wrong=0

complain() { # lines, which may be none, what to do
  [[ -n $1 ]] || return 0
  printf '%s\n  next: %s\n' "$1" "$2"
  wrong=1
}

need() { # program
  command -v "$1" >/dev/null || fail "$1 is missing" "conf/deps.sh, which installs it on Debian 12 and 13"
}

files() { # pathspec...: tracked and new ones, without those that git ignores
  git ls-files --cached --others --exclude-standard --deduplicate -- "$@" |
    while IFS= read -r file; do [[ ! -f $file ]] || printf '%s\n' "$file"; done
}

over() { # program and arguments, with the files of standard input; nothing where there are none
  xargs -r -d '\n' "$@"
}

check_format() {
  need "clang-format-$version"
  if "$fix"; then
    files '*.cc' '*.h' | over "clang-format-$version" -i
    echo "tidy: all C++ files are formatted"
    return
  fi
  complain "$(files '*.cc' '*.h' | over "clang-format-$version" --dry-run 2>&1 | grep 'clang-format-violations' | cut -d: -f1 |
    sort | uniq -c | sed -E 's/^ *([0-9]+) (.*)/\2: \1 places are not as clang-format has them/' || true)" \
    "tests/tidy.sh --fix format"
}

check_lists() {
  # shellcheck disable=SC2016
  complain "$(files CMakeLists.txt '*/CMakeLists.txt' | over awk '
    FNR == 1 { last = "" }
    /^ *#/ { next }
    { line = $0; count = gsub(/\.cc/, "&", line) }
    count > 1 { printf "%s:%d: two source files in one line\n", FILENAME, FNR }
    !/^ +[^ ]+\.cc\)?$/ { last = ""; next }
    { sub(/\)$/, "") }
    last != "" && $1 < last { printf "%s:%d: %s stands after %s\n", FILENAME, FNR, $1, last }
    { last = $1 }')" "one file a line, sorted"
  complain "$(phrases | LC_ALL=C sort -c 2>&1 || true)" "sort the phrases in tests/tidy.sh"
  complain "$(identifiers | LC_ALL=C sort -c 2>&1 || true)" "sort the identifiers in tests/tidy.sh"
}

# A pattern (Perl) and what to write instead. In comments, messages and pages:
phrases() {
  cat <<'END'
(?<![Tt]here )\b(are|is|was|were) no (?!longer|more\b|less\b|other\b|one\b) => "is not a"
(?<![\w.:])/(home|mnt|work)/ => a path of one machine: make it relative, or an option
(?<!\+)\bTODO\b|\bFIXME\b => do it, or file it
\bAll must outlive this => "Borrows its arguments."
\bIt is asked again\. => "Retried."
\bMust not wait\b => "Must not block."
\bOf one thread\b => "Not thread-safe."
\bThe same, without\b => say what it does: "Answers without judging."
\ba list of texts\b|\blist of texts\b => "an array of strings"
\ba span\b => "a duration"
\ba text in quotes => "a string in quotes"
\bgets? on\b => "makes progress", "works"
\billness\b => say which state it is: "unhealthy"
\bissues? #?[0-9] => say what it was; the number is of no use to who reads this
\blane for passwords|\blane of passwords|\bpasswords have a lane => "password queue"
\blast: it uses all the others => a Worker, whose destructor stops it
\bmoment of time\b|\bmust be a moment|\bno moment\b => "timestamp"
\bmust be a list\b => "must be an array"
\bmust be a text\b|\bis no text\b => "must be a string"
\bsay so with\b => "pass"
\bwas so already\b => "unchanged"
END
}

# Names in C++:
identifiers() {
  cat <<'END'
\bBeats?\b => BusyScope
\bCloser\b => SessionEnforcer
\bConnector\b => ServerLinks
\bDecided\b => DecisionEvent
\bDesk\b => OperationContext
\bDoors\b => DecisionHooks
\bEar\b => Subscriber
\bFollower\b => JournalWatcher
\bHear\b|\bHeard\b => on_message, Message
\bLane\b => PasswordQueue
\bLately\b => RecentDecisions
\bRenewal\b|\bRenewer\b => Rehash, Rehasher
\bSpender\b => ReplayGuard
\bTrap\b => Check
\bVitals\b => Health
\bWorkshop\b => CalloutDeps
\bk(Largest|Least|Longest|Most) => kMax, kMin
\bkLook(Again|For|Through)?\b => kPollInterval, kRetryInterval
END
}

look_for() { # path...; the list comes on standard input
  local line
  while IFS= read -r line; do
    complain "$(git grep --untracked -nIP -e "${line% => *}" -- "$@" | cut -c1-160)" "write ${line#* => }"
  done
}

check_words() {
  look_for . ':!tests/tidy.sh' ':!tests/tidy_test.sh' ':!tests/fuzz/corpus' ':!tests/vectors' ':!LICENSE' ':!*package-lock.json' < <(phrases)
  look_for '*.cc' '*.h' < <(identifiers)
}

# In a namespace or a class, what a line that ends in "{" opens and the next "}" at the same indentation
# closes: that holds as clang-format has it so. A table ends in "};" or ")". Raw strings are jumped over.
check_functions() {
  # shellcheck disable=SC2016
  complain "$(files '*.cc' '*.h' ':!tests/unit' | over awk '
    FNR == 1 { depth = at[0] = open = 0; raw = "" }
    raw != "" { if (index($0, raw)) raw = ""; next }
    /^ *\/\/|^#/ { next }
    match($0, /R"[^(" ]*\(/) {
      raw = ")" substr($0, RSTART + 2, RLENGTH - 3) "\""
      if (index(substr($0, RSTART + RLENGTH), raw)) raw = ""
    }
    { match($0, /^ */); indent = RLENGTH }
    open {
      if (indent != at[depth] || !/^ *}/) next
      if (!/[;)]$/ && FNR - open - 1 > 60) printf "%s:%d: a function of %d lines\n", FILENAME, first, FNR - open - 1
      open = 0
      next
    }
    /^ *}/ { if (indent < at[depth]) --depth; next }
    indent == at[depth] { head = $0; first = FNR }
    !/{$/ || /^(inline )?namespace|^extern "C" {/ { next }
    head ~ /^ *(template <.*> )?(class|struct|union|enum) / { at[++depth] = indent + 2; next }
    { open = FNR }')" "name its steps, and make functions of them"
}

check_files() {
  # shellcheck disable=SC2016
  complain "$(files '*.cc' '*.h' ':!tests/unit' | over awk '
    FNR == 301 { printf "%s: more than 300 lines\n", FILENAME; nextfile }')" "a file has one duty: give the other a file of its own"
}

check_names() {
  # shellcheck disable=SC2016
  complain "$(files 'tests/unit/*.cc' | over awk '
    /^[A-Z_]*TEST_CASE[A-Z_]*\(/ { at = FNR; text = "" }
    at { line = $0; sub(/^ +/, "", line); text = text line }
    at && /{$/ {
      if (text !~ /^[A-Z_]*TEST_CASE[A-Z_]*\("[a-z0-9_]+: [^"].*",( )?"(\[[a-z0-9_.]+\])+"/)
        printf "%s:%d: %s\n", FILENAME, at, substr(text, 1, 100)
      at = 0
    }')" 'TEST_CASE("area: what is expected", "[folder]"); the area is the unit that is tested'
  complain "$(git grep --untracked -nP 't\.test\("[^" ]*"' -- 'tests/e2e/*.mjs')" "say what is expected, as a sentence"
}

branch_point() {
  local point
  point=$(git merge-base HEAD origin/main 2>/dev/null || true)
  [[ $point != "$(git rev-parse HEAD)" ]] || point=
  # A repository of one commit, or a clone without history, has changed altogether.
  echo "${point:-$(git rev-parse --verify -q HEAD~1 || git hash-object -t tree /dev/null)}"
}

changed_units() {
  local file
  { git diff --name-only --diff-filter=d "$1" -- '*.cc' '*.h'; git ls-files --others --exclude-standard -- '*.cc' '*.h'; } |
    while IFS= read -r file; do
      file=${file%.*}.cc
      [[ ! -f $file ]] || printf '%s\n' "$file"
    done | sort -u
}

lint() { # file
  local said
  # It counts what it found in the headers of others on standard error.
  said=$("clang-tidy-$version" -p "$build" --quiet "$1" 2>&1) || { printf '%s\n' "$said" | grep -vE '^[0-9]+ warnings? '; return 1; }
}

check_clang_tidy() {
  need "clang-tidy-$version"
  if [[ -z $build ]]; then
    build=build/tidy
    cmake --preset tidy --log-level=WARNING >/dev/null || fail "cmake --preset tidy failed" "see above"
  fi
  local units
  if "$all"; then units=$(files '*.cc'); else units=$(changed_units "${base:-$(branch_point)}"); fi
  if ! "$all" && [[ -z $base ]] && (($(wc -l <<<"$units") > max_units)); then
    echo "clang-tidy: more than $max_units files changed since the branch point, which would take an hour:" \
      "only the last commit is checked; --all checks every file"
    units=$(changed_units HEAD~1)
  fi
  [[ -n $units ]] || return 0
  printf 'clang-tidy: %d files\n' "$(wc -l <<<"$units")"
  export -f lint
  export build version
  # shellcheck disable=SC2016
  over -P "$(nproc)" -n 1 bash -c 'lint "$1"' lint <<<"$units" || complain "clang-tidy found something" "see above; .clang-tidy says what it checks"
}

for check in "${checks[@]}"; do "check_$check"; done
if ((wrong)); then exit 1; fi
! "$fix" || exit 0
echo "tidy: ${checks[*]}: nothing found"
