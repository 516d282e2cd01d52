// Another process with the store open, for store_process_test.cc. It says one line for each thing
// that is done, and "fault …" with exit code 1 when the store throws.
//
//   init DIR ID                 makes a store; "done"
//   create DIR MAP FIRST COUNT  creates test credentials, one commit each; a number after each
//   note DIR MAP FIRST COUNT HEAD   the same, and the head is noted in HEAD after each
//   serve DIR MAP               answers lines: "find N" "last_txn" "check_files"
//   hold-write DIR N            a whole change up to the commit, "ready", then waits for ever
//   hold-read DIR               a snapshot, "ready", then waits for ever
//   end-at-meta DIR N SIGNAL    creates one; "signal", and sends itself the signal (a number) once
//                               the commit is in the file, and the readers do not know of it
//   small-disk DIR              fills a disk of 80 MiB; "no mount" where it may not make one
//   file-limit DIR              is not let write beyond 1 MiB
//   full-head DIR HEAD          fills the disk of HEAD; "no mount", or what is refused to note, and
//                               whether all was noted
//   read-only DIR HEAD          a disk that is made read-only, and writable again; "no mount", or
//                               what is said of each step
//
// small-disk and file-limit say what is refused to create, then to revoke, "found …", and, once
// there is room again, how many are revoked.

#include <csignal>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <sys/syscall.h>
#include <unistd.h>

#include "store/apply_change.h"
#include "store/lmdb.h"
#include "tests/support/store_disks.h"
#include "tests/support/store_samples.h"

namespace {

using store::Action;

int signal_at_meta = 0;  // 0: none

}  // namespace

// In place of libc's, for LMDB too: mdb_env_write_meta() tells the readers once this has returned.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc's begin with __
extern "C" ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  constexpr off_t kMetaPages = off_t{2} * 4096;
  const ssize_t written = syscall(SYS_pwrite64, fd, bytes, size, at);
  if (signal_at_meta != 0 && at < kMetaPages) {
    std::cout << "signal" << std::endl;
    static_cast<void>(std::raise(std::exchange(signal_at_meta, 0)));
  }
  return written;
}

std::uint32_t number(const std::string& text) {
  return static_cast<std::uint32_t>(std::stoul(text));
}

void say(const std::string& line) {
  std::cout << line << std::endl;
}

std::string answer(const store::Store& store, const std::string& question) {
  if (question == "last_txn") return std::to_string(store.last_txn());
  if (question == "check_files") {
    store.check_files();
    return "in place";
  }
  const auto id = store::test_id(number(question.substr(question.find(' ') + 1)));
  const auto found = store.find(auth::Kind::key, id).credential;
  return found ? "found " + std::string{auth::name(found->status)} : "none";
}

namespace {

void wait_for_ever() {
  say("ready");
  while (true)
    pause();
}

store::Place place(const Arguments& arguments) {
  return {.directory = arguments.at(1),
          .map_bytes = number(arguments.at(2)),
          .head_directory = arguments.size() > 5 ? arguments.at(5) : ""};
}

void create(const Arguments& arguments) {
  const auto keys = store::test_keys();
  store::Store store{place(arguments), keys};
  const std::uint32_t first = number(arguments.at(3));
  for (std::uint32_t n = first; n < first + number(arguments.at(4)); ++n) {
    const auto made = store.create(store::test_credential(n), store::intent(Action::create));
    store.note_head();
    say(made ? std::to_string(n) : "refused " + made.error().message);
  }
}

void serve(const Arguments& arguments) {
  const auto keys = store::test_keys();
  const store::Store store{place(arguments), keys};
  say("ready");
  for (std::string question; std::getline(std::cin, question);)
    say(answer(store, question));
}

void hold_write(const Arguments& arguments) {
  const auto keys = store::test_keys();
  const store::Environment env{arguments.at(1), store::kTestMap,
                               store::Environment::Open::existing};
  const store::Tables tables = open_tables(env);
  store::Change change;
  change.image = store::test_credential(number(arguments.at(2)));
  change.entry.actor = "local:alice";
  change.entry.id = change.image.id;
  store::WriteTxn txn{env};
  apply(txn, tables, keys.current(), change, nullptr);
  wait_for_ever();
}

void hold_read(const Arguments& arguments) {
  const store::Environment env{arguments.at(1), store::kTestMap,
                               store::Environment::Open::existing};
  const store::ReadTxn txn{env};
  wait_for_ever();
}

void end_at_meta(const Arguments& arguments) {
  const auto keys = store::test_keys();
  store::Store store{{.directory = arguments.at(1), .map_bytes = store::kTestMap}, keys};
  signal_at_meta = static_cast<int>(number(arguments.at(3)));
  static_cast<void>(
      store.create(store::test_credential(number(arguments.at(2))), store::intent(Action::create)));
  say("done");
}

void run(const Arguments& arguments) {
  const std::string& mode = arguments.at(0);
  if (mode == "init") {
    store::Store::create({arguments.at(1), store::kTestMap}, arguments.at(2), store::kNow);
    return say("done");
  }
  if (mode == "create" || mode == "note") return create(arguments);
  if (mode == "serve") return serve(arguments);
  if (mode == "hold-write") return hold_write(arguments);
  if (mode == "hold-read") return hold_read(arguments);
  if (mode == "end-at-meta") return end_at_meta(arguments);
  if (mode == "small-disk") return small_disk(arguments);
  if (mode == "full-head") return full_head(arguments);
  if (mode == "read-only") return read_only(arguments);
  if (mode == "file-limit") return file_limit(arguments);
  throw std::invalid_argument("no such mode: " + mode);
}

}  // namespace

int main(int count, char** words) {
  try {
    run(Arguments(words + 1, words + count));
  } catch (const std::exception& fault) {
    say("fault " + std::string{fault.what()});
    return 1;
  }
  return 0;
}
