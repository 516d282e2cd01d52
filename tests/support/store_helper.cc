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
//   small-disk DIR              fills a disk of 4 MiB; "no mount" where it may not make one
//   file-limit DIR              is not let write beyond 1 MiB
//
// The last two say what is refused to create, then to revoke, "found …", and, once there is room
// again, how many are revoked.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/apply_change.h"
#include "store/lmdb.h"
#include "tests/support/store_samples.h"

namespace {

using store::Action;
using Arguments = std::vector<std::string>;

int signal_at_meta = 0;  // 0: none

}  // namespace

// In place of libc's, for LMDB too: mdb_env_write_meta() tells the readers once this has returned.
extern "C" ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  constexpr off_t kMetaPages = off_t{2} * 4096;
  const ssize_t written = syscall(SYS_pwrite64, fd, bytes, size, at);
  if (signal_at_meta != 0 && at < kMetaPages) {
    std::cout << "signal" << std::endl;
    static_cast<void>(std::raise(std::exchange(signal_at_meta, 0)));
  }
  return written;
}

namespace {

std::uint32_t number(const std::string& text) {
  return static_cast<std::uint32_t>(std::stoul(text));
}

void say(const std::string& line) {
  std::cout << line << std::endl;
}

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

// Of its own mount namespace, which ends with this process.
bool mount_small_disk(const std::string& directory) {
  const uid_t user = getuid();
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    std::ofstream{"/proc/self/uid_map"} << "0 " << user << " 1";
  }
  return mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=4m,mode=0777") == 0;
}

// Up to the last byte.
void fill_disk(const std::string& file) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::string block(4096, 'x');
  while (write(fd, block.data(), block.size()) > 0) {
  }
  close(fd);
}

std::string fault_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const store::Fault& fault) {
    return fault.what();
  }
  return "none";
}

constexpr std::uint32_t kRevocable = 200;

void create_many(store::Store& store) {
  for (std::uint32_t n = 0; n < kRevocable; ++n)
    static_cast<void>(store.create(store::test_credential(n), store::intent(Action::create)));
}

void revoke_all(store::Store& store) {
  for (std::uint32_t n = 0; n < kRevocable; ++n) {
    static_cast<void>(
        store.change(store::test_id(n), store::intent(Action::revoke), store::revocation()));
  }
}

// `take` and `give` the room that the store would need.
void without_room(store::Store& store, const std::function<void()>& take,
                  const std::function<void()>& give) {
  create_many(store);
  take();
  const auto one_more = [&] {
    for (std::uint32_t n = kRevocable; n < 100'000; ++n)
      static_cast<void>(store.create(store::test_credential(n), store::intent(Action::create)));
  };
  say(fault_of(one_more));
  say(fault_of([&] { revoke_all(store); }));
  say(answer(store, "find 0"));
  give();
  revoke_all(store);
  const auto keys = store::test_keys();
  say(std::to_string(store.totals().revoked) + store::wrong_with(store, keys.current()));
}

void small_disk(const Arguments& arguments) {
  const std::string& directory = arguments.at(1);
  if (!mount_small_disk(directory)) return say("no mount");
  const store::Place at{.directory = directory, .map_bytes = std::size_t{3} << 20};
  store::Store::create(at, "store-1", store::kNow);
  const auto keys = store::test_keys();
  store::Store store{at, keys};
  const std::string filler = directory + "/filler";
  without_room(store, [&] { fill_disk(filler); }, [&] { std::filesystem::remove(filler); });
}

void file_limit(const Arguments& arguments) {
  const store::Place at{.directory = arguments.at(1), .map_bytes = store::kTestMap};
  store::Store::create(at, "store-1", store::kNow);
  const auto keys = store::test_keys();
  store::Store store{at, keys};
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const auto allow = [&limit](rlim_t bytes) {
    const rlimit changed{.rlim_cur = bytes, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_FSIZE, &changed) != 0) throw std::runtime_error("setrlimit");
  };
  without_room(store, [&] { allow(rlim_t{1} << 20); }, [&] { allow(limit.rlim_cur); });
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
