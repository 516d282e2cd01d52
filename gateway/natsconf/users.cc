#include "gateway/natsconf/users.h"

#include <set>
#include <utility>

#include "auth/base/text.h"
#include "auth/nats/nkey.h"
#include "auth/nats/subject.h"
#include "gateway/natsconf/connection_types.h"
#include "gateway/natsconf/listeners.h"
#include "gateway/natsconf/permissions.h"
#include "gateway/natsconf/placeholder.h"

namespace gateway {
namespace {

constexpr const char* kAccountRule =
    "credgate cannot grant an account of this name, so its users are not imported: a name must be "
    "1 to 128 printable ASCII characters without white space, `.`, `*`, `>`, `/` and `\\`";
constexpr const char* kPlaceholder =
    " looks like a placeholder that was never filled in, and a client with that text would be let "
    "in; put the value there, or import this user from JSON Lines if the text is right";

// What a user has who has no permissions of its own.
struct Defaults {
  std::optional<auth::Permissions> permissions;
  bool unknown = false;
};

class Reader {
 public:
  explicit Reader(const NatsValue& configuration)
      : root_(configuration, problems_), listeners_(read_nats_listeners(root_)) {}

  NatsUsers read() {
    const NatsValue* authorization = root_.take({"authorization"});
    const NatsValue* accounts = root_.take({"accounts"});
    if (authorization != nullptr) read_authorization(*authorization, accounts != nullptr);
    if (accounts != nullptr) read_accounts(*accounts);
    add_notes();
    return {std::move(users_), std::move(problems_.list), std::move(notes_)};
  }

 private:
  void read_authorization(const NatsValue& value, bool has_accounts) {
    NatsFields fields{value, problems_};
    if (const auto* callout = fields.take({"auth_callout", "auth_hook"})) read_callout(*callout);
    NatsUser single = start(value, "$G");
    single.user = fields.text({"user", "username"});
    single.password = auth::SecretText{fields.text({"password", "pass"})};
    single.token = auth::SecretText{fields.text({"token"})};
    const NatsValue* users = fields.take({"users"});
    const NatsValue* permissions =
        fields.take({"default_permissions", "default_permission", "permissions"});
    fields.take({"timeout"});
    refuse_proxies(fields);
    fields.finish();

    const Defaults defaults = read_defaults(permissions, fields);
    if (users != nullptr) read_users(*users, "$G", defaults);
    const bool named = !single.user.empty() || !single.password.empty();
    if (!named && single.token.empty()) return;
    if (users != nullptr || has_accounts || (named && !single.token.empty())) {
      fields.fail(value,
                  "has more than one of user, token, users and accounts, which nats-server "
                  "refuses");
    } else if (named && (single.user.empty() || single.password.empty())) {
      fields.fail(
          value,
          "user and password must both be set: without a password nats-server lets in anybody");
    }
    // The default permissions are for `users` alone: this one may do everything.
    if (fields.good() && keep(std::move(single), value) && named) count(any_type_, value);
  }

  void read_callout(const NatsValue& value) {
    NatsFields fields{value, problems_};
    const NatsValue* names = fields.take({"auth_users", "users"});
    if (names == nullptr) return;
    for (const NatsValue* name : items_of(*names)) {
      if (const auto* text = name->get<std::string>()) {
        let_by_.insert(*text);
      } else {
        fields.fail(*name, "auth_users must be strings");
      }
    }
  }

  void read_accounts(const NatsValue& value) {
    if (value.get<NatsList>() != nullptr) return;  // names alone
    if (value.get<NatsMap>() == nullptr) return root_.fail(value, "must be a map: { … }");
    for (const auto& [name, account] : *value.get<NatsMap>()) {
      // nats-server leaves out an account that a variable refers to.
      if (account.is_variable) continue;
      NatsFields fields{account, problems_};
      if (name == "$G") fields.fail(account, "this account name is reserved by nats-server");
      const NatsValue* users = fields.take({"users"});
      if (users != nullptr && !auth::valid_name(name)) {
        fields.fail(account, kAccountRule);
        continue;
      }
      const NatsValue* permissions = fields.take({"default_permissions"});
      fields.take({"nkey"});
      for (const auto* other : {"imports", "exports", "jetstream", "mappings", "maps", "limits",
                                "msg_trace", "trace_dest"}) {
        fields.take({other});
      }
      fields.finish();
      const Defaults defaults = read_defaults(permissions, fields);
      if (users != nullptr) read_users(*users, name, defaults);
    }
  }

  // A field that is unknown may be the defaults, misspelt: nats-server would not start with it.
  Defaults read_defaults(const NatsValue* value, NatsFields& fields) {
    Defaults defaults;
    if (value != nullptr) {
      defaults.permissions = read_nats_permissions(*value, problems_);
      if (!defaults.permissions) fields.spoil();
    }
    defaults.unknown = !fields.good();
    return defaults;
  }

  void read_users(const NatsValue& value, const std::string& account, const Defaults& defaults) {
    const auto* list = value.get<NatsList>();
    if (list == nullptr) return problems_.add(value, "users must be an array: [ … ]");
    for (const NatsValue& entry : *list) {
      NatsFields fields{entry, problems_};
      read_user(fields, account, defaults);
    }
  }

  void read_user(NatsFields& fields, const std::string& account, const Defaults& defaults) {
    const NatsValue& entry = fields.value();
    NatsUser user = start(entry, account);
    user.user = fields.text({"user", "username"});
    user.password = auth::SecretText{fields.text({"password", "pass"})};
    user.nkey = fields.text({"nkey"});
    if (let_by_.contains(user.nkey.empty() ? user.user : user.nkey)) return;

    const NatsValue* permissions = fields.take({"permissions", "permission", "authorization"});
    const auto connections = read_connection_types(
        fields.take({"allowed_connection_types", "connection_types", "clients"}),
        listeners_.has_websocket, fields);
    user.connection_types = connections.types;
    refuse_proxies(fields);
    fields.finish();
    check_proof(user, fields);
    if (permissions != nullptr) {
      user.permissions = read_nats_permissions(*permissions, problems_);
      if (!user.permissions) fields.fail(entry, "so this user is not imported");
    } else if (defaults.unknown) {
      fields.fail(entry, "a user without permissions, and the default permissions are not known");
    } else {
      user.permissions = defaults.permissions;
      problems_.consume(entry, size_of(defaults.permissions));
    }
    if (!fields.good() || !keep(std::move(user), entry)) return;
    if (connections.gains_websocket) count(gaining_websocket_, entry);
    if (connections.types.empty()) count(any_type_, entry);
  }

  static void check_proof(const NatsUser& user, NatsFields& fields) {
    const NatsValue& entry = fields.value();
    if (!fields.good()) return;
    if (user.nkey.empty()) {
      if (user.user.empty()) return fields.fail(entry, "has neither user nor nkey");
      if (user.password.empty()) {
        fields.fail(entry,
                    "has no password: nats-server lets in every client that gives the name, or has "
                    "a certificate with it");
      }
    } else if (!user.user.empty() || !user.password.empty()) {
      fields.fail(entry, "an nkey must not have a user or password");
    } else if (!auth::read_public_key(user.nkey, auth::Prefix::user)) {
      fields.fail(entry, "nkey must be a user's public key, 56 characters that begin with U");
    }
  }

  static void refuse_proxies(NatsFields& fields) {
    const NatsValue* value = fields.take({"proxy_required"});
    if (value == nullptr) return;
    const bool* required = value->get<bool>();
    if (required == nullptr || *required) {
      fields.fail(*value, "proxy_required cannot be imported: credentials do not support it");
    }
  }

  NatsUser start(const NatsValue& at, const std::string& account) {
    problems_.consume(at, at.file->size() + account.size() + sizeof(NatsUser));
    NatsUser user;
    user.file = *at.file;
    user.line = at.line;
    user.account = account;
    return user;
  }

  static std::size_t size_of(const std::optional<auth::Permissions>& permissions) {
    std::size_t size = 0;
    if (!permissions) return size;
    for (const auto& lists : {permissions->publish, permissions->subscribe}) {
      for (const auto& list : {lists.allow, lists.deny}) {
        for (const std::string& subject : list)
          size += subject.size() + sizeof(subject);
      }
    }
    return size;
  }

  bool keep(NatsUser user, const NatsValue& at) {
    const std::string& name = user.nkey.empty() ? user.user : user.nkey;
    const auto refuse = [&](std::string message) {
      problems_.add(at, std::move(message));
      return false;
    };
    if (const auto named = listeners_.no_auth_users.find(name);
        named != listeners_.no_auth_users.end()) {
      return refuse("is the no_auth_user of " + *named->second->file + ":" +
                    std::to_string(named->second->line) + ", so it is not imported");
    }
    if (is_placeholder(user.user)) return refuse(std::string{"user"} + kPlaceholder);
    if (is_placeholder(user.password.view())) return refuse(std::string{"password"} + kPlaceholder);
    if (is_placeholder(user.token.view())) return refuse(std::string{"token"} + kPlaceholder);
    if (!name.empty() && !names_.insert(name).second) {
      return refuse("a second user or nkey of this name, which nats-server refuses");
    }
    users_.push_back(std::move(user));
    return true;
  }

  // Users that a note is about: the first, and how many.
  struct Counted {
    const NatsValue* first = nullptr;
    std::size_t count = 0;
  };
  static void count(Counted& users, const NatsValue& entry) {
    if (users.count++ == 0) users.first = &entry;
  }

  void add_notes() {
    const auto add = [this](const NatsValue& at, std::string message) {
      notes_.push_back({*at.file, at.line, std::move(message)});
    };
    const auto users = [](const Counted& counted) {
      return " (" + std::to_string(counted.count) + (counted.count == 1 ? " user)" : " users)");
    };
    if (gaining_websocket_.count > 0) {
      add(*gaining_websocket_.first,
          "MQTT or LEAFNODE without its _WS form" + users(gaining_websocket_) +
              ": credgate lets such a user in over WebSocket too, once a server listens for it");
    }
    if (listeners_.leafnodes != nullptr && any_type_.count > 0) {
      add(*listeners_.leafnodes,
          "a leafnode may log in here as any user without allowed_connection_types" +
              users(any_type_) +
              ", but credgate lets leafnodes in only by the type LEAFNODE. For each user that a "
              "leafnode needs: credgate update NAME --connection-types LEAFNODE, and STANDARD and "
              "others in that list if clients log in as that user too");
    }
  }

  NatsProblems problems_;
  NatsFields root_;
  NatsListeners listeners_;
  std::vector<NatsUser> users_;
  std::vector<NatsProblem> notes_;
  Counted gaining_websocket_;
  Counted any_type_;  // may log in over every connection type
  std::set<std::string, std::less<>> let_by_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace

NatsUsers read_nats_users(const NatsValue& configuration) {
  return Reader{configuration}.read();
}

}  // namespace gateway
