// Another process with the store open, for store_process_test.cc. It says one line for each thing
// that is done, and "fault …" with exit code 1 when the store throws.
//
//   init DIR ID                 makes a store; "done"
//   create DIR MAP FIRST COUNT  creates test credentials, one commit each; a number after each
//   serve DIR MAP               answers lines: "find N" "last_txn" "check_files"
//   hold-write DIR N            a whole change up to the commit, "ready", then waits for ever
//   hold-read DIR               a snapshot, "ready", then waits for ever

#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include "store/apply_change.h"
#include "store/lmdb.h"
#include "tests/support/store_samples.h"

namespace {

using store::Action;
using Arguments = std::vector<std::string>;

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
  return {.directory = arguments.at(1), .map_bytes = number(arguments.at(2))};
}

void create(const Arguments& arguments) {
  const auto keys = store::test_keys();
  store::Store store{place(arguments), keys};
  const std::uint32_t first = number(arguments.at(3));
  for (std::uint32_t n = first; n < first + number(arguments.at(4)); ++n) {
    const auto made = store.create(store::test_credential(n), store::intent(Action::create));
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

void run(const Arguments& arguments) {
  const std::string& mode = arguments.at(0);
  if (mode == "init") {
    store::Store::create({arguments.at(1), store::kTestMap}, arguments.at(2), store::kNow);
    return say("done");
  }
  if (mode == "create") return create(arguments);
  if (mode == "serve") return serve(arguments);
  if (mode == "hold-write") return hold_write(arguments);
  if (mode == "hold-read") return hold_read(arguments);
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
