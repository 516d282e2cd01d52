#pragma once
// The settings of a nats-server configuration that matter for callouts.
// Source: nats-server `server/opts.go`.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/doctor/finding.h"
#include "gateway/natsconf/parser.h"

namespace gateway {

struct NamedAt {
  std::string text;
  Place at;
};

struct ServerUser {
  std::string account;  // "$G" for a user of the top-level authorization
  std::string name;     // a user's name or "U…"; empty for a token
  bool is_nkey = false;
  Place at;
  const NatsValue* permissions =
      nullptr;  // the user's own, or the account's defaults; null: everything
  const NatsValue* password = nullptr;  // never to be shown; null: none
};

// An export that every account may import.
struct PublicExport {
  std::string account;
  NamedAt subject;
};

struct ServerCallout {
  Place at;
  NamedAt issuer;   // empty if there is none
  NamedAt account;  // "$G" where there is none
  NamedAt xkey;     // empty if there is none
  std::vector<NamedAt> auth_users = {};
  std::optional<Place> allowed_accounts_at = {};
  std::vector<std::string> allowed_accounts = {};  // empty: all

  bool lets_by(const ServerUser& user) const;
};

// One of the blocks websocket, mqtt and leafnodes.
struct ServerListener {
  std::string_view name;
  bool listens = false;
  Place at;
  bool verify_and_map = false;   // user names come from certificates
  bool compression_off = false;  // leafnodes: no connection is compressed
  std::optional<Place> timeout = {};
  std::optional<Place> users = {};
  std::vector<NamedAt> accounts = {};  // accounts of its users or remotes
};

struct TimeoutSetting {
  Place at;
  double seconds = 0;    // 0: nats-server's default
  bool is_text = false;  // then `seconds` is how newer servers read it
};

// Operator mode: accounts are JWTs.
struct OperatorConf {
  Place at;
  std::vector<std::string> operators = {};                   // JWTs, or names of files with one
  bool memory = false;                                       // every account is in `preload`
  std::map<std::string, NamedAt, std::less<>> preload = {};  // an account's id to its JWT
  std::optional<NamedAt> default_sentinel = {};
};

struct ServerConf {
  Place start;
  std::optional<Place> authorization;
  std::optional<TimeoutSetting> timeout;
  std::optional<ServerCallout> callout;
  std::vector<ServerUser> users;
  std::map<std::string, Place, std::less<>> accounts;
  std::map<std::string, Place, std::less<>> default_permissions;  // by account
  std::optional<NamedAt> system_account;
  std::optional<Place> without_system_account;
  std::vector<NamedAt> no_auth_users;  // of any block
  std::optional<Place> trace;
  std::optional<Place> proxy_protocol;  // clients name their own address
  std::vector<PublicExport> public_exports;
  std::vector<ServerListener> listeners;
  std::optional<OperatorConf> operator_mode;
  bool jetstream = false;
  bool routes = false;          // other servers connect
  bool verify_and_map = false;  // on the port of clients

  const ServerUser* user(std::string_view name) const;
  // The block "websocket", "mqtt" or "leafnodes"; null unless it listens.
  const ServerListener* listening(std::string_view name) const;
  bool for_strangers(const ServerUser& user) const;  // a no_auth_user names it
};

// Omits invalid settings, which nats-server itself reports. The result borrows `configuration`.
// Throws ConfigError if shared variables expand the users to far more than the text.
ServerConf read_server_conf(const NatsValue& configuration);

}  // namespace gateway
