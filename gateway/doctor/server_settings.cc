#include "gateway/doctor/server_settings.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/base/text.h"
#include "gateway/natsconf/chars.h"
#include "gateway/natsconf/fields.h"
#include "gateway/natsconf/go_duration.h"

namespace gateway {
namespace {

Place place_of(const NatsValue& value) {
  return {*value.file, value.line};
}

bool is_true(const NatsValue* value) {
  const bool* yes = value != nullptr ? value->get<bool>() : nullptr;
  return yes != nullptr && *yes;
}

bool is_off(const NatsValue& value) {
  if (const bool* yes = value.get<bool>()) return !*yes;
  const auto* word = value.get<std::string>();
  if (word == nullptr) return false;
  const std::string lower = auth::lower_case(*word);
  return lower == "off" || lower == "disabled" || lower == "disable";
}

class ConfReader {
 public:
  explicit ConfReader(const NatsValue& configuration) : root_(configuration, problems_) {
    conf_.start = place_of(configuration);
  }

  ServerConf read() {
    // First: whoever has no permissions of its own has its account's.
    if (const auto* value = root_.take({"authorization"})) read_authorization(*value);
    if (const auto* value = root_.take({"accounts"})) read_accounts(*value);
    conf_.system_account = named(root_.take({"system_account", "system"}));
    if (const auto* value = root_.take({"no_system_account", "no_system", "no_sys_acc"});
        is_true(value)) {
      conf_.without_system_account = place_of(*value);
    }
    for (const auto* name : {"trace", "trace_verbose"}) {
      if (const auto* value = root_.take({name}); is_true(value)) conf_.trace = place_of(*value);
    }
    read_no_auth_user(root_.take({"no_auth_user"}));
    if (const auto* value = root_.take({"proxy_protocol"}); is_true(value)) {
      conf_.proxy_protocol = place_of(*value);
    }
    if (const auto* value = root_.take({"jetstream"})) {
      const bool map = value->get<NatsMap>() != nullptr;
      const auto* on = map ? NatsFields{*value, problems_}.take({"enabled", "enable"}) : value;
      conf_.jetstream = on == nullptr || !is_off(*on);
    }
    if (const auto* value = root_.take({"cluster"})) conf_.routes = listens(*value);
    conf_.verify_and_map = maps_certificates(root_.take({"tls"}));
    read_listener("websocket", root_.take({"websocket", "ws"}));
    read_listener("mqtt", root_.take({"mqtt"}));
    read_listener("leafnodes", root_.take({"leafnodes", "leaf"}));
    read_operator();
    return std::move(conf_);
  }

 private:
  std::optional<NamedAt> named(const NatsValue* value) {
    const auto* text = value != nullptr ? value->get<std::string>() : nullptr;
    if (text == nullptr) return std::nullopt;
    problems_.consume(*value, text->size() + value->file->size());
    return NamedAt{*text, place_of(*value)};
  }

  // parseStringArray takes one text for a list of it.
  std::vector<NamedAt> list_of(const NatsValue* value) {
    std::vector<NamedAt> list;
    if (value == nullptr) return list;
    if (auto one = named(value)) list.push_back(std::move(*one));
    if (const auto* items = value->get<NatsList>()) {
      for (const NatsValue& item : *items) {
        if (auto one = named(&item)) list.push_back(std::move(*one));
      }
    }
    return list;
  }

  bool listens(const NatsValue& value) {
    if (value.get<NatsMap>() == nullptr) return false;
    return NatsFields{value, problems_}.take({"listen", "port"}) != nullptr;
  }

  bool maps_certificates(const NatsValue* tls) {
    if (tls == nullptr || tls->get<NatsMap>() == nullptr) return false;
    return is_true(NatsFields{*tls, problems_}.take({"verify_and_map"}));
  }

  void read_authorization(const NatsValue& value) {
    conf_.authorization = place_of(value);
    NatsFields fields{value, problems_};
    const auto* defaults =
        fields.take({"default_permissions", "default_permission", "permissions"});
    if (const auto* timeout = fields.take({"timeout"})) read_timeout(*timeout);
    if (const auto* callout = fields.take({"auth_callout", "auth_hook"})) read_callout(*callout);
    if (const auto* users = fields.take({"users"})) read_users(*users, "$G", defaults);
    const auto* name = fields.take({"user", "username"});
    const auto* password = fields.take({"password", "pass"});
    const auto* token = fields.take({"token"});
    const auto* only = name != nullptr ? name : token;
    if (only == nullptr) return;
    const auto user = name != nullptr ? named(name) : std::nullopt;
    conf_.users.push_back(
        {"$G", user ? user->text : "", false, place_of(*only), nullptr, password});
  }

  void read_timeout(const NatsValue& value) {
    TimeoutSetting timeout{.at = place_of(value)};
    if (const auto* whole = value.get<std::int64_t>()) {
      timeout.seconds = static_cast<double>(*whole);
    } else if (const auto* decimal = value.get<double>()) {
      timeout.seconds = *decimal;
    } else {
      timeout.is_text = true;
      const auto* text = value.get<std::string>();
      const auto span = text != nullptr ? read_go_duration(*text) : std::nullopt;
      if (span) timeout.seconds = std::chrono::duration<double>{*span}.count();
    }
    conf_.timeout = std::move(timeout);
  }

  void read_callout(const NatsValue& value) {
    NatsFields fields{value, problems_};
    ServerCallout callout{.at = place_of(value),
                          .issuer = {"", place_of(value)},
                          .account = {"$G", place_of(value)},
                          .xkey = {"", place_of(value)}};
    if (auto issuer = named(fields.take({"issuer"}))) callout.issuer = std::move(*issuer);
    if (auto account = named(fields.take({"account", "acc"}))) {
      callout.account = std::move(*account);
    }
    if (auto xkey = named(fields.take({"xkey", "key"}))) callout.xkey = std::move(*xkey);
    callout.auth_users = list_of(fields.take({"auth_users", "users"}));
    if (const auto* allowed = fields.take({"allowed_accounts"})) {
      callout.allowed_accounts_at = place_of(*allowed);
      for (NamedAt& account : list_of(allowed))
        callout.allowed_accounts.push_back(std::move(account.text));
    }
    conf_.callout = std::move(callout);
  }

  void read_accounts(const NatsValue& value) {
    for (const NamedAt& name : list_of(&value))
      conf_.accounts.emplace(name.text, name.at);
    const auto* map = value.get<NatsMap>();
    if (map == nullptr) return;
    for (const auto& [name, account] : *map) {
      // nats-server leaves out an account that a variable refers to.
      if (account.is_variable) continue;
      conf_.accounts.emplace(name, place_of(account));
      NatsFields fields{account, problems_};
      const auto* defaults = fields.take({"default_permissions"});
      if (defaults != nullptr) conf_.default_permissions.emplace(name, place_of(*defaults));
      if (const auto* users = fields.take({"users"})) read_users(*users, name, defaults);
      if (const auto* exports = fields.take({"exports"})) read_exports(*exports, name);
    }
  }

  void read_exports(const NatsValue& value, const std::string& account) {
    const auto* list = value.get<NatsList>();
    if (list == nullptr) return;
    for (const NatsValue& entry : *list) {
      if (entry.get<NatsMap>() == nullptr) continue;
      NatsFields fields{entry, problems_};
      auto subject = named(fields.take({"service", "stream"}));
      const bool bound = fields.take({"account_token_position"}) != nullptr ||
                         !list_of(fields.take({"accounts"})).empty();
      if (subject && !bound) conf_.public_exports.push_back({account, std::move(*subject)});
    }
  }

  void read_users(const NatsValue& value, const std::string& account, const NatsValue* defaults) {
    const auto* list = value.get<NatsList>();
    if (list == nullptr) return;
    for (const NatsValue& entry : *list) {
      problems_.consume(entry, sizeof(ServerUser) + account.size() + entry.file->size());
      NatsFields fields{entry, problems_};
      const auto nkey = named(fields.take({"nkey"}));
      const auto name = nkey ? nkey : named(fields.take({"user", "username"}));
      const auto* own = fields.take({"permissions", "permission", "authorization"});
      const auto* password = fields.take({"password", "pass"});
      if (!name) continue;
      conf_.users.push_back({account, name->text, nkey.has_value(), place_of(entry),
                             own != nullptr ? own : defaults, password});
    }
  }

  void read_no_auth_user(const NatsValue* value) {
    auto name = named(value);
    if (name && !name->text.empty()) conf_.no_auth_users.push_back(std::move(*name));
  }

  void read_listener(std::string_view name, const NatsValue* value) {
    if (value == nullptr || value->get<NatsMap>() == nullptr) return;
    NatsFields fields{*value, problems_};
    ServerListener listener{.name = name, .at = place_of(*value)};
    listener.listens = listens(*value);
    listener.verify_and_map = maps_certificates(fields.take({"tls"}));
    if (const auto* mode = fields.take({"compression"})) {
      const bool map = mode->get<NatsMap>() != nullptr;
      const auto* inner = map ? NatsFields{*mode, problems_}.take({"mode"}) : mode;
      listener.compression_off = inner != nullptr && is_off(*inner);
    }
    read_no_auth_user(fields.take({"no_auth_user"}));
    const auto* own = fields.take({"authorization"});
    // nats-server has this name for the block too, but not in leafnodes.
    if (own == nullptr && name != "leafnodes") own = fields.take({"authentication"});
    if (own != nullptr) {
      NatsFields inner{*own, problems_};
      if (const auto* timeout = inner.take({"timeout"})) listener.timeout = place_of(*timeout);
      for (const auto* field : {"user", "username", "nkey", "users"}) {
        if (const auto* users = inner.take({field})) {
          listener.users = place_of(*users);
          read_account_names(users, listener);
        }
      }
      if (auto account = named(inner.take({"account"}))) {
        listener.accounts.push_back(std::move(*account));
      }
    }
    read_account_names(fields.take({"remotes"}), listener);
    conf_.listeners.push_back(std::move(listener));
  }

  // Of a list of maps: each one's `account`.
  void read_account_names(const NatsValue* list, ServerListener& listener) {
    const auto* entries = list != nullptr ? list->get<NatsList>() : nullptr;
    if (entries == nullptr) return;
    for (const NatsValue& entry : *entries) {
      if (entry.get<NatsMap>() == nullptr) continue;
      NatsFields fields{entry, problems_};
      if (auto account = named(fields.take({"account", "local"}))) {
        listener.accounts.push_back(std::move(*account));
      }
    }
  }

  void read_operator() {
    const auto* value =
        root_.take({"operator", "operators", "root", "roots", "root_operator", "root_operators"});
    if (value == nullptr) return;
    OperatorConf conf{.at = place_of(*value)};
    for (NamedAt& one : list_of(value))
      conf.operators.push_back(std::move(one.text));
    const auto resolver = named(root_.take({"resolver", "account_resolver", "accounts_resolver"}));
    conf.memory = resolver && auth::lower_case(resolver->text) == "memory";
    const auto* preload = root_.take({"resolver_preload"});
    if (const auto* map = preload != nullptr ? preload->get<NatsMap>() : nullptr) {
      for (const auto& [id, jwt] : *map) {
        if (auto one = named(&jwt)) conf.preload.emplace(id, std::move(*one));
      }
    }
    conf.default_sentinel = named(root_.take({"default_sentinel"}));
    conf_.operator_mode = std::move(conf);
  }

  NatsProblems problems_;  // nats-server tells them itself
  NatsFields root_;
  ServerConf conf_;
};

}  // namespace

bool ServerCallout::lets_by(const ServerUser& user) const {
  // Seen on 2.15.1: users of the global account are asked about whatever stands there.
  const bool asked = allowed_accounts.empty() || user.account == "$G" ||
                     std::ranges::find(allowed_accounts, user.account) != allowed_accounts.end();
  return !asked || std::ranges::find(auth_users, user.name, &NamedAt::text) != auth_users.end();
}

const ServerUser* ServerConf::user(std::string_view name) const {
  const auto at = std::ranges::find(users, name, &ServerUser::name);
  return at == users.end() ? nullptr : &*at;
}

const ServerListener* ServerConf::listening(std::string_view name) const {
  const auto at = std::ranges::find(listeners, name, &ServerListener::name);
  return at == listeners.end() || !at->listens ? nullptr : &*at;
}

bool ServerConf::for_strangers(const ServerUser& user) const {
  return std::ranges::find(no_auth_users, user.name, &NamedAt::text) != no_auth_users.end();
}

ServerConf read_server_conf(const NatsValue& configuration) {
  return ConfReader{configuration}.read();
}

}  // namespace gateway
