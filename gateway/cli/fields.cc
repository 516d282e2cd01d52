#include "gateway/cli/fields.h"

#include <charconv>
#include <chrono>
#include <utility>

#include "auth/permissions.h"
#include "auth/time_text.h"
#include "gateway/cli/context.h"
#include "gateway/zone.h"

namespace gateway::cli {
namespace {

using auth::Credential;

[[noreturn]] void wrong(const char* option, const std::string& message) {
  throw Failure(Code::usage, std::string(option) + ": " + message);
}

// "30d" from now, a moment, or "never".
std::optional<auth::Time> read_moment(const char* option, const std::string& word) {
  if (word == "never") return std::nullopt;
  if (const auto span = auth::read_duration(word)) return clock_now() + *span;
  if (const auto at = auth::read_time(word)) return at;
  wrong(option, "\"" + word + "\" is no moment: a span from now (30d, 12h), 2027-01-31, " +
                    "2027-01-31T18:00:00Z, or never");
}

auth::Cidr read_source(const std::string& word) {
  if (const auto cidr = auth::read_cidr(word)) return *cidr;
  wrong("--sources", "\"" + word +
                         "\" is no address range; write it as 10.0.0.0/8, 2001:db8::/32 or " +
                         "192.0.2.7, with no bits set beyond the prefix");
}

auth::ConnectionType read_type(const std::string& word) {
  if (const auto type = auth::read_connection_type(word)) return *type;
  wrong("--connection-types",
        "\"" + word +
            "\" is none of STANDARD, WEBSOCKET, LEAFNODE, MQTT (nats-server does not tell " +
            "MQTT_WS from MQTT, nor LEAFNODE_WS from LEAFNODE)");
}

auth::TimeRange read_range(const std::string& word) {
  if (const auto range = auth::read_time_range(word)) return *range;
  wrong("--times", "\"" + word + "\" is no range of times; write it as 08:00-18:00");
}

std::optional<auth::Responses> read_responses(const std::string& word) {
  if (word == "never") return std::nullopt;
  const auto slash = word.find('/');
  auth::Responses limits;
  if (slash != std::string::npos) {
    const auto ttl = auth::read_duration(word.substr(slash + 1));
    const auto [end, error] = std::from_chars(word.data(), word.data() + slash, limits.max);
    if (ttl && error == std::errc{} && end == word.data() + slash && limits.max > 0) {
      limits.ttl = *ttl;
      return limits;
    }
  }
  wrong("--responses", "\"" + word + "\" is none; write it as 5/30s, or never");
}

template <class T, class Read>
std::vector<T> each(const std::vector<std::string>& words, Read read) {
  std::vector<T> list;
  for (const std::string& word : words)
    list.push_back(read(word));
  return list;
}

}  // namespace

void FieldOptions::words(const char* name, const char* shape, const char* help,
                         std::function<Edit(const std::vector<std::string>&)> read) {
  command_->on_texts(name, shape, help, [this, read = std::move(read)](const auto& given) {
    edits_.push_back(read(given));
  });
}

void FieldOptions::word(const char* name, const char* shape, const char* help,
                        std::function<Edit(const std::string&)> read) {
  command_->on_text(name, shape, help, [this, read = std::move(read)](const auto& given) {
    edits_.push_back(read(given));
  });
}

void FieldOptions::list(const char* name, std::vector<std::string> Credential::*field,
                        const char* help) {
  words(name, "LIST", help,
        [field](const auto& given) { return [field, given](Credential& c) { c.*field = given; }; });
}

void FieldOptions::flag(const std::string& name, std::function<void(Credential&, bool)> set,
                        const char* help) {
  // An update must be able to take away what it can give.
  command_->on_flag(name, use_ == Use::updating, help, [this, set = std::move(set)](bool on) {
    edits_.emplace_back([set, on](Credential& c) { set(c, on); });
  });
}

void FieldOptions::flag(const char* name, bool Credential::*field, const char* help) {
  flag(
      name, [field](Credential& c, bool on) { c.*field = on; }, help);
}

void FieldOptions::add_capabilities() {
  flag("publish", &Credential::publish, "may publish to the subjects");
  flag("receive", &Credential::receive, "may subscribe to the subjects, and read the streams");
  flag("manage", &Credential::manage,
       "may manage the streams: trust over all of the account's data");
  list("--subjects", &Credential::subjects, "subjects, with wildcards: orders.>,audit.*");
  list("--streams", &Credential::streams, "JetStream streams by name");
  list("--consumers", &Credential::consumers,
       "consumers it may create and read; * for any, which lets it read all of the stream");
  flag("everything", &Credential::everything,
       "every subject but the reserved ones, not --subjects");
  flag("allow-responses", &Credential::allow_responses,
       "may answer requests, on whatever reply subject they name");
  flag("ack-v2", &Credential::ack_v2, "also the acknowledgement subjects of js_ack_fc_v2");
  flag(
      "shared-inbox",
      [](Credential& c, bool on) {
        c.inbox = on ? auth::Inbox::shared : auth::Inbox::private_inbox;
      },
      "replies on _INBOX.>, which other clients can read; else on an inbox of its own");
}

void FieldOptions::add_permissions() {
  const auto subjects = [this](const char* name, auto part, auto side, const char* help) {
    words(name, "SUBJECTS", help, [part, side](const auto& given) -> Edit {
      return [part, side, given](Credential& c) { c.permissions.*part.*side = given; };
    });
  };
  using auth::RawPermissions;
  using auth::SubjectLists;
  subjects("--allow-pub", &RawPermissions::publish, &SubjectLists::allow,
           "publish subjects to add");
  subjects("--deny-pub", &RawPermissions::publish, &SubjectLists::deny,
           "publish subjects to refuse");
  subjects("--allow-sub", &RawPermissions::subscribe, &SubjectLists::allow,
           "subscribe subjects to add");
  subjects("--deny-sub", &RawPermissions::subscribe, &SubjectLists::deny,
           "subscribe subjects to refuse");
  word("--responses", "MAX/SPAN", "how many answers to a message, for how long: 5/30s, never",
       [](const std::string& given) -> Edit {
         return
             [limits = read_responses(given)](Credential& c) { c.permissions.responses = limits; };
       });
}

void FieldOptions::add_restrictions() {
  list("--region", &Credential::regions, "only where the gateway has this region (repeatable)");
  words("--sources", "CIDR", "only from these addresses: 10.0.0.0/8,2001:db8::/32",
        [](const auto& given) -> Edit {
          return [list = each<auth::Cidr>(given, read_source)](Credential& c) { c.sources = list; };
        });
  words("--connection-types", "TYPES", "only over these: STANDARD,WEBSOCKET,LEAFNODE,MQTT",
        [](const auto& given) -> Edit {
          return [list = each<auth::ConnectionType>(given, read_type)](Credential& c) {
            c.connection_types = list;
          };
        });
  words("--times", "RANGES", "only at these times of day: 08:00-12:00,13:00-18:00",
        [](const auto& given) -> Edit {
          return
              [list = each<auth::TimeRange>(given, read_range)](Credential& c) { c.times = list; };
        });
  word("--times-location", "ZONE", "the time zone of --times, Europe/Paris (default UTC)",
       [](const std::string& given) -> Edit {
         if (!zone_offset(given, clock_now())) {
           wrong("--times-location", "\"" + given + "\" is no time zone that this machine knows");
         }
         return [given](Credential& c) { c.times_location = given; };
       });
}

void FieldOptions::add_lifetime() {
  word("--expires", "WHEN", "when it ends: 30d, 2027-01-31, never",
       [](const std::string& given) -> Edit {
         return [at = read_moment("--expires", given)](Credential& c) { c.expires_at = at; };
       });
  word("--not-before", "WHEN", "when it begins: 2026-12-01T08:00:00Z, never",
       [](const std::string& given) -> Edit {
         return [at = read_moment("--not-before", given)](Credential& c) { c.not_before = at; };
       });
  word("--session-ttl", "SPAN", "how long one connection may last: 12h, never",
       [](const std::string& given) -> Edit {
         const auto ttl = auth::read_duration(given);
         if (!ttl && given != "never") wrong("--session-ttl", "must be a span (90s, 12h) or never");
         return [ttl](Credential& c) { c.session_ttl = ttl; };
       });
  list("--tag", &Credential::tags, "key=value, for people and for filters (repeatable)");
}

void FieldOptions::add(Command& command, Use use) {
  command_ = &command;
  use_ = use;
  command.group("What it may do");
  add_capabilities();
  command.group("Permissions by hand, added to these");
  add_permissions();
  command.group("From where and when");
  add_restrictions();
  command.group("How long");
  add_lifetime();
  command_ = nullptr;
}

std::optional<auth::Invalid> permissions_wrong(const Config& config, const Credential& c) {
  const auto account = config.account_keys.find(c.account);
  const bool scoped = account != config.account_keys.end() && account->second.scoped;
  const auto& raw = c.permissions;
  const bool denies = !raw.publish.deny.empty() || !raw.subscribe.deny.empty();
  if (scoped && (auth::gives_anything(c) || denies)) {
    return auth::Invalid{"capabilities",
                         "must be none, and no permissions: account " + c.account +
                             " has a scoped signing key, whose template says what users may do"};
  }
  if (!scoped && !auth::gives_anything(c)) {
    return auth::Invalid{"capabilities",
                         "must hold publish, receive or manage, or give allow_responses or "
                         "permissions"};
  }
  return std::nullopt;
}

void check_permissions(const Config& config, const Credential& c) {
  if (const auto wrong = permissions_wrong(config, c)) {
    throw Failure(Code::usage, wrong->field + ": " + wrong->message);
  }
}

void FieldOptions::apply(Credential& credential) const {
  for (const Edit& edit : edits_)
    edit(credential);
}

}  // namespace gateway::cli
