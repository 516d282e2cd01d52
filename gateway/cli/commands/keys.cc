#include "gateway/config/keys.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/text.h"
#include "auth/nats/nkey.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/commands/keys_in_use.h"
#include "gateway/cli/files.h"
#include "gateway/cli/output/table.h"
#include "gateway/config/config_reader.h"
#include "gateway/platform/random.h"

namespace gateway::cli {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// A list of keys in the configuration that may be changed here.
struct Role {
  const char* word;
  const char* path;  // of the member in the configuration
  Names Config::* names;
  const char* file;  // what a new one is called, with a number
};

constexpr Role kRoles[] = {
    {"issuer", "callout.issuer", &Config::issuers, "issuer"},
    {"xkey", "callout.xkey", &Config::xkeys, "xkey"},
    {"master", "master_key", &Config::master_keys, "master"},
};

const Role& role_of(const std::string& word) {
  const auto* at =
      std::ranges::find_if(kRoles, [&](const Role& role) { return word == role.word; });
  if (at != std::end(kRoles)) return *at;
  throw OperationError(Code::usage,
                       "\"" + word + "\" is not a key role; use issuer, xkey or master");
}

// The whole file at once, so that a daemon that starts meanwhile reads the one or the other.
void change_config(const Config& config, const Role& role, const Names& names) {
  const auto before = read_text(config.file);
  if (!before)
    throw auth::ConfigError(config.file.string() + ": cannot be read: " + std::strerror(errno));
  const std::string after = with_strings(*before, config.file.string(), role.path, names);
  static_cast<void>(read_config(after, config.file));  // throws rather than write what is wrong
  replace_file(config.file, after);
}

struct KeyRow {
  std::string role;
  std::string name;
  std::string file;
  std::string shown;  // the public key, or a master key's id
};

std::vector<KeyRow> rows_of(const Config& config) {
  std::vector<KeyRow> rows;
  const auto add = [&](const std::string& role, const std::string& name, std::string shown) {
    rows.push_back({role, name, key_file(config, name).string(), std::move(shown)});
  };
  const Keys keys = load_keys(config);
  for (std::size_t i = 0; i < config.issuers.size(); ++i)
    add("issuer", config.issuers[i], write_public_key(keys.issuers[i].public_key()));
  for (std::size_t i = 0; i < config.xkeys.size(); ++i)
    add("xkey", config.xkeys[i], write_public_key(keys.xkeys[i].public_key()));
  for (std::size_t i = 0; i < config.master_keys.size(); ++i)
    add("master", config.master_keys[i], keys.master.all()[i].key_id());
  for (const auto& [name, account] : config.account_keys) {
    add("account " + name, account.signing_key,
        write_public_key(keys.accounts.at(name).key.public_key()));
  }
  return rows;
}

void list(const Context& context) {
  const auto rows = rows_of(load_config(context.config));
  if (context.json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const KeyRow& row : rows) {
      all.push_back(
          {{"role", row.role}, {"name", row.name}, {"file", row.file}, {"key", row.shown}});
    }
    return print_json(all);
  }
  Table table{{{"ROLE"}, {"NAME"}, {"KEY", Fit::whole}, {"FILE", Fit::wrap, true}}};
  for (const KeyRow& row : rows)
    table.add({row.role, row.name, row.shown, row.file});
  std::cout << table.text();
}

// "xkey-2.nk": the first number that is free.
std::string free_name(const Config& config, const Role& role) {
  const bool master = std::string_view{role.word} == "master";
  for (int number = 2;; ++number) {
    const std::string name = role.file + ("-" + std::to_string(number)) + (master ? ".key" : ".nk");
    if (!fs::exists(key_file(config, name))) return name;
  }
}

// Whoever reads the role's other key must be able to read this one. Nobody but root gives files
// away.
std::optional<Owner> owner_like(const fs::path& other) {
  struct stat s{};
  if (stat(other.c_str(), &s) != 0) fail_at(other);
  if (geteuid() != 0) return std::nullopt;
  return Owner{s.st_uid, s.st_gid};
}

// Makes the key's file, and gives what may be shown of it.
std::string make_key(const fs::path& file, const Role& role, const std::optional<Owner>& owner) {
  if (std::string_view{role.word} == "master") {
    const auth::MasterKey key{random_bytes<32>()};
    write_file(file, 0600, key.text().view(), owner);
    return key.key_id();
  }
  const bool curve = std::string_view{role.word} == "xkey";
  const auth::KeyPair pair{curve ? auth::Prefix::curve : auth::Prefix::account, random_bytes<32>()};
  write_file(file, 0600, pair.seed().view(), owner);
  return write_public_key(pair.public_key());
}

// In operator mode this key has signed more than answers.
void refuse_operator_issuer(const Config& config, const Role& role) {
  if (!config.operator_mode || std::string_view{role.word} != "issuer") return;
  throw OperationError(Code::refused,
                       "in operator mode the issuer has also signed nats.creds, the sentinel and "
                       "every credentials file, so it must be replaced by hand; see doc/keys.md");
}

const char* next_steps(const Role& role) {
  const std::string_view word = role.word;
  if (word == "master") {
    return "restart each credgate of this store, so that all of them have the key; then\n"
           "`credgate keys promote master NAME` makes it the key that new secrets are stored under";
  }
  return word == "issuer"
             ? "restart each credgate; then set auth_callout.issuer to this key on one "
               "nats-server\n"
               "after the other and restart it; then retire the old key"
             : "restart each credgate; then set auth_callout.xkey to this key on one nats-server\n"
               "after the other and restart it; then retire the old key";
}

DirectoryLock lock_config(const Context& context) {
  const fs::path file{context.config};
  return DirectoryLock{file.has_parent_path() ? file.parent_path() : "."};
}

void add(const Context& context, const std::string& word) {
  const auto lock = lock_config(context);
  const Config config = load_config(context.config);
  static_cast<void>(load_keys(config));
  const Role& role = role_of(word);
  refuse_operator_issuer(config, role);
  Names names = config.*role.names;
  if (names.empty()) {
    throw OperationError(Code::refused,
                         std::string(role.path) + " is not configured; set it up by hand first");
  }
  const std::string name = free_name(config, role);
  const fs::path file = key_file(config, name);
  const std::string shown = make_key(file, role, owner_like(key_file(config, names.front())));
  names.push_back(name);
  try {
    change_config(config, role, names);
  } catch (const std::exception&) {
    unlink(file.c_str());
    throw;
  }
  if (context.json) {
    return print_json(
        {{"role", role.word}, {"name", name}, {"file", file.string()}, {"key", shown}});
  }
  std::cout << "made " << file.string() << ": " << shown << "\n     and added it to " << role.path
            << " in " << config.file.string() << "\n\nNext: " << next_steps(role) << '\n';
}

Names::iterator find_name(Names& names, const std::string& name, const Role& role) {
  const auto at = std::ranges::find(names, name);
  if (at != names.end()) return at;
  throw OperationError(Code::not_found, std::string(role.path) + " has no key \"" + name +
                                            "\"; see: credgate keys list");
}

// Whatever is stored under a key is refused by a credgate that does not have it yet: so a key is
// added everywhere before anything is stored under it.
void promote(const Context& context, const std::string& word, const std::string& name) {
  const auto lock = lock_config(context);
  const Config config = load_config(context.config);
  const Role& role = role_of(word);
  if (word != "master") {
    throw OperationError(Code::refused,
                         "the order of " + std::string(role.path) +
                             " has no meaning: nats-server's configuration says which key it uses");
  }
  Names names = config.*role.names;
  const auto at = find_name(names, name, role);
  const auto index = static_cast<std::size_t>(at - names.begin());
  require_held(context, load_master_keys(config).all().at(index).key_id());
  std::rotate(names.begin(), at, at + 1);
  change_config(config, role, names);
  const std::string file = key_file(config, name).string();
  if (context.json) return print_json({{"role", role.word}, {"name", name}, {"file", file}});
  std::cout << name << " is the first of " << role.path << " in " << config.file.string()
            << "\n"
               "\n"
               "Next: restart each credgate. New secrets are stored under this key; old ones move "
               "to it when\n"
               "they are used. `credgate keys retire master` refuses while secrets are left under "
               "the old key\n";
}

void retire(const Context& context, const std::string& word, const std::string& name) {
  const auto lock = lock_config(context);
  const Config config = load_config(context.config);
  const Role& role = role_of(word);
  refuse_operator_issuer(config, role);
  Names names = config.*role.names;
  const auto at = find_name(names, name, role);
  if (names.size() == 1) {
    throw OperationError(Code::refused, "this is the only key; first: credgate keys add " + word);
  }
  const auto index = static_cast<std::size_t>(at - names.begin());
  if (word == "master" && at == names.begin()) {
    throw OperationError(
        Code::refused,
        "new secrets are stored under this key; first: credgate keys promote master " +
            auth::shell_word(names.at(1)) + ", and restart each credgate");
  }
  if (word == "master") {
    require_unused(context, load_master_keys(config).all().at(index).key_id());
  }
  names.erase(at);
  change_config(config, role, names);
  const std::string file = key_file(config, name).string();
  if (context.json) return print_json({{"role", role.word}, {"name", name}, {"file", file}});
  std::cout << "removed " << name << " from " << role.path << " in " << config.file.string()
            << "\n\nNext: restart each credgate, then remove " << file
            << (word == "master" ? ", but keep a copy: the journal entries written under it can be "
                                   "verified only with this key"
                                 : "")
            << '\n';
}

}  // namespace

void add_keys(App& app, const Context& context) {
  Command command = app.add("keys", "List, add, promote and retire issuers, xkeys and master keys");
  struct Words {
    std::string action;
    std::string role;
    std::string name;
  };
  const auto words = std::make_shared<Words>();
  command.required_choice("ACTION", "list, add, promote or retire",
                          {"list", "add", "promote", "retire"}, words->action);
  command.choice("ROLE", "", "issuer, xkey or master", {"issuer", "xkey", "master"}, words->role);
  command.optional_word("NAME", "promote, retire: name of the key in the configuration",
                        words->name);
  command.footer(
      "credgate can hold several keys of a role, so that a key can be replaced while clients "
      "connect: add a key, restart, change the servers, retire the old key. New secrets are stored "
      "under the first master key: add a key, restart, promote it, restart. A narrow list has no "
      "FILE.\n"
      "Examples:\n"
      "  credgate keys list\n"
      "  credgate keys add xkey\n"
      "  credgate keys retire xkey xkey.nk\n"
      "  credgate keys promote master master-2.key");
  command.run([&context, words] {
    if (words->action == "list" && words->role.empty()) return list(context);
    if (words->action == "add" && !words->role.empty() && words->name.empty()) {
      return add(context, words->role);
    }
    if (words->action == "promote" && !words->name.empty()) {
      return promote(context, words->role, words->name);
    }
    if (words->action == "retire" && !words->name.empty()) {
      return retire(context, words->role, words->name);
    }
    throw OperationError(Code::usage,
                         "use: keys list, keys add ROLE, keys promote ROLE NAME or keys retire "
                         "ROLE NAME; see: credgate keys --help");
  });
}

}  // namespace gateway::cli
