#pragma once
// What every command shares: the global options, the opened store, how a credential is named, and
// how a failure becomes a message and an exit code.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/credential/master_key.h"
#include "gateway/admin/operation_error.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "store/store.h"

namespace gateway::cli {

inline constexpr const char* kDefaultConfig = "/etc/credgate/credgate.conf";

// How to reach a gateway over NATS, instead of its store.
struct RemoteOptions {
  std::string server;         // as server_urls.h reads it; empty: the store on this machine
  std::string user;           // with `password_file`
  std::string password_file;  // - for standard input
  std::string creds;
  std::string nkey;
  std::string tlsca;
  std::string tlscert;  // with `tlskey`
  std::string tlskey;
  std::string inbox_prefix;
  std::string context_file;  // context file of the nats CLI, which has all of this
  bool given() const { return !server.empty() || !context_file.empty(); }
};

class Local;
class Remote;

struct Context {
  std::string config = kDefaultConfig;
  bool json = false;
  RemoteOptions remote;
  // Opened by the first operation and kept open, because root has dropped its privileges by then.
  mutable std::shared_ptr<Local> local{};
  mutable std::shared_ptr<Remote> far{};        // likewise
  mutable std::vector<std::string> warnings{};  // with --json, until they are printed
};

// Says it on standard error at once; with --json in the member `warnings` of the result, or of an
// object on standard error where the result has none.
void warn(const Context& context, const std::string& warning);

// The configuration, the master key and the store, as the store's owner. Throws ConfigError,
// store::Fault.
class Local {
 public:
  // `with_keys`: also load the other keys, not only the master keys. `before`: called as the
  // store's owner before the store is opened.
  explicit Local(const Context& context, bool with_keys = false,
                 const std::function<void(const store::Place&)>& before = {});

  const Config& config() const { return config_; }
  const auth::MasterKeys& keys() const { return keys_; }
  const Keys* all_keys() const { return all_keys_.get(); }  // null without `with_keys`
  const std::string& actor() const { return actor_; }
  store::Store& store() { return store_; }

  // Throws store::WentBack, and OperationError for a store that is read-only. To be called before
  // a change, so that nobody is asked in vain.
  void require_changeable() const;
  // Notes the store's head: after a change, before it is reported as done. What could not be noted
  // is a warning on standard error: the change is made.
  void note_head();

  // A change made by this user, now.
  store::Intent intent(store::Action action) const;

 private:
  const Context& context_;
  std::string actor_;
  Config config_;
  std::unique_ptr<const Keys> all_keys_;
  auth::MasterKeys keys_;
  store::Store store_;
};

// Prints one line of JSON on standard output.
void print_json(const nlohmann::ordered_json& json);

}  // namespace gateway::cli
