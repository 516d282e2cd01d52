#include "tests/support/store_disks.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/head_note.h"
#include "tests/support/store_samples.h"

namespace {

using store::Action;

// Of its own mount namespace, which ends with this process.
bool mount_small_disk(const std::string& directory, const std::string& size) {
  const uid_t user = getuid();
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    std::ofstream{"/proc/self/uid_map"} << "0 " << user << " 1";
  }
  return mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", directory.c_str(), "tmpfs", 0, ("size=" + size + ",mode=0777").c_str()) ==
             0;
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

// Another process, which has the mounts of this one.
int run_helper(const std::vector<std::string>& arguments) {
  std::string program = "/proc/self/exe";
  std::vector<std::string> texts = arguments;
  std::vector<char*> words{program.data()};
  for (auto& text : texts)
    words.push_back(text.data());
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    close(STDOUT_FILENO);
    execv(program.c_str(), words.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

void small_disk(const Arguments& arguments) {
  const std::string& directory = arguments.at(1);
  if (!mount_small_disk(directory, "80m")) return say("no mount");
  const store::Place at{.directory = directory, .map_bytes = std::size_t{256} << 20};
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

void full_head(const Arguments& arguments) {
  const std::string& head = arguments.at(2);
  if (!mount_small_disk(head, "2m")) return say("no mount");
  const store::Place at{
      .directory = arguments.at(1), .map_bytes = store::kTestMap, .head_directory = head};
  store::Store::create(at, "store-1", store::kNow);
  const auto keys = store::test_keys();
  store::Store store{at, keys};
  create_many(store);
  store.note_head();
  fill_disk(head + "/filler");
  say(fault_of([&] {
    for (std::uint32_t n = 0; n < kRevocable; ++n) {
      static_cast<void>(
          store.change(store::test_id(n), store::intent(Action::revoke), store::revocation()));
      store.note_head();
    }
  }));
  std::ifstream in{head + "/head", std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto noted = store::read_note(text, keys);
  const bool all = noted && noted->note.head.sequence == store.totals().sequence &&
                   noted->note.shutouts.size() == kRevocable;
  say(all ? "all noted" : "not all noted");
}

void read_only(const Arguments& arguments) {
  const std::string& directory = arguments.at(1);
  if (!mount_small_disk(directory, "80m")) return say("no mount");
  const auto remount = [&](unsigned long flags) {
    if (mount("", directory.c_str(), nullptr, MS_REMOUNT | flags, nullptr) != 0)
      throw std::runtime_error("remount");
  };
  const store::Place at{
      .directory = directory, .map_bytes = store::kTestMap, .head_directory = arguments.at(2)};
  store::Store::create(at, "store-1", store::kNow);
  const std::string map = std::to_string(at.map_bytes);
  run_helper({"note", directory, map, "1", "1", at.head_directory.string()});
  remount(MS_RDONLY);
  const auto keys = store::test_keys();
  store::Store store{at, keys, store::Store::Opening::newest};
  say(answer(store, "find 1"));
  say(fault_of([&] {
    static_cast<void>(
        store.change(store::test_id(1), store::intent(Action::revoke), store::revocation()));
  }));
  say(fault_of([&] { store.note_head(); }));
  store.check_files();
  remount(0);
  say(store.why_read_only());
  for (const auto* first : {"2", "3", "4", "5"}) {
    run_helper({"note", directory, map, first, "1", at.head_directory.string()});
    say(answer(store, "find " + std::string(first)));
  }
}
