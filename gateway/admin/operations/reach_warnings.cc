#include "gateway/admin/operations/reach_warnings.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "auth/credential/capabilities.h"
#include "auth/credential/permission_check.h"
#include "auth/nats/subject.h"
#include "gateway/admin/operations/server_warnings.h"

namespace gateway::operations {
namespace {

constexpr const char* kPublishAllWarning =
    "publish: the credential may publish every subject of the account that is not denied, so it "
    "can forge any message there";
constexpr const char* kSubscribeAllWarning =
    "subscribe: the credential may subscribe to every subject of the account that is not denied, "
    "so it can read any message there";
constexpr const char* kMakesStreamsWarning =
    "publish: the credential can make or change streams, which gives access to all of the "
    "account's data, because a stream can capture, source and republish any subject";
constexpr const char* kAcknowledgesWarning =
    "publish: the credential can acknowledge messages that other clients have received "
    "($JS.ACK.>), and nobody gets them again";
constexpr const char* kReadsAcknowledgementsWarning =
    "subscribe: the credential can read the acknowledgements of other clients ($JS.ACK.>)";
constexpr const char* kForgesRepliesWarning =
    "publish: the credential can forge replies to every client with a shared inbox (_INBOX.>)";
constexpr const char* kSharedInboxWarning =
    "shared inbox: the credential can read the replies and pulled messages of every client with a "
    "shared inbox";
constexpr const char* kAnswersWarning =
    "publish: the credential can answer requests from other accounts in place of the service that "
    "they are for (_R_.>)";
constexpr const char* kReadsAnswersWarning =
    "subscribe: the credential can read the replies to requests from other accounts (_R_.>)";
constexpr const char* kForgesMqttWarning =
    "publish: the credential can forge messages to MQTT clients and change their sessions "
    "($MQTT.>)";
constexpr const char* kReadsMqttWarning =
    "subscribe: the credential can read what is delivered to MQTT clients ($MQTT.>)";
constexpr const char* kAsksServerWarning =
    "publish: the credential can ask nats-server about the account's connections and forge the "
    "server's events ($SYS.>)";
constexpr const char* kReadsServerWarning =
    "subscribe: the credential can read nats-server's events of the account ($SYS.>)";
constexpr const char* kAdminWarning =
    "publish: the credential can make itself and others admins of every account, by what it may "
    "ask of credgate.v1.credentials";
constexpr const char* kReadsAdminsWarning =
    "subscribe: the credential can read what admins and proxies ask of credgate, passwords "
    "included, and answer in its place";

struct Row {
  std::string_view subject;  // `?` stands for any name: only a wildcard matches it
  const char* warning;
  // Only by an entry that names the first token: an application's `*.x` does not mean nats-server's
  // subjects, and `>` has its own warning.
  bool by_name = true;
};

constexpr Row kPublish[] = {
    {"$JS.API.STREAM.CREATE.*", kMakesStreamsWarning, false},
    {"$JS.API.STREAM.UPDATE.*", kMakesStreamsWarning, false},
    {"$JS.API.STREAM.RESTORE.*", kMakesStreamsWarning, false},
    {"$JS.API.CONSUMER.CREATE.>", kDeliveryWarning},
    {"$JS.API.CONSUMER.DURABLE.CREATE.>", kDeliveryWarning},
    {"$JS.API.CONSUMER.MSG.NEXT.>", kDeliveryWarning},
    {"$JS.API.STREAM.MSG.GET.*", kDeliveryWarning},
    {"$JS.API.DIRECT.GET.>", kDeliveryWarning},
    {"$JS.ACK.?.?.?.>", kAcknowledgesWarning},
    {"_INBOX.?", kForgesRepliesWarning},
    {"_INBOX.?.>", kForgesRepliesWarning},
    {"_R_.>", kAnswersWarning},
    {"$MQTT.>", kForgesMqttWarning},
    {"$SYS.>", kAsksServerWarning},
};

constexpr Row kSubscribe[] = {
    {"$JS.ACK.?.?.?.>", kReadsAcknowledgementsWarning},
    {"_INBOX.?", kSharedInboxWarning},
    {"_INBOX.?.>", kSharedInboxWarning},
    {"_R_.>", kReadsAnswersWarning},
    {"$MQTT.>", kReadsMqttWarning},
    {"$SYS.>", kReadsServerWarning},
};

// On these, in the admin account: whoever may change an admin there can become one of all accounts.
constexpr std::string_view kAdminOperations[] = {"create", "update", "rotate"};

constexpr Row kSubscribeAdmin[] = {
    {"credgate.v1.credentials.>", kReadsAdminsWarning, false},
    {"credgate.v1.roles.>", kReadsAdminsWarning, false},
    {"credgate.v1.sigv4.>", kReadsAdminsWarning, false},
};

std::string_view first_token(std::string_view subject) {
  return subject.substr(0, subject.find('.'));
}

// "$JS.hub.API.INFO", which nats-server of the domain `hub` takes as "$JS.API.INFO", in that form.
std::string without_domain(const std::string& entry) {
  if (first_token(entry) != "$JS") return entry;
  const auto end = entry.find('.', 4);
  const bool domain = end != entry.npos && entry.compare(end, 5, ".API.") == 0;
  return domain ? "$JS" + entry.substr(end) : entry;
}

// With `*` in the place of each token that has a template.
std::string any_value(std::string_view entry) {
  std::string subject;
  for (std::size_t at = 0; at <= entry.size();) {
    const auto end = std::min(entry.find('.', at), entry.size());
    const auto token = entry.substr(at, end - at);
    if (at != 0) subject += '.';
    subject += auth::has_braces(token) ? "*" : token;
    at = end + 1;
  }
  return subject;
}

bool is_all_wildcards(std::string_view entry) {
  return entry.find_first_not_of("*>.") == entry.npos;
}

// About themselves clients may ask.
bool is_harmless(std::string_view entry) {
  return entry == "$SYS.REQ.USER.INFO";
}

bool denied(const auth::SubjectLists& lists, std::string_view subject) {
  return std::ranges::any_of(lists.deny,
                             [&](const auto& deny) { return auth::covers(deny, subject); });
}

// No value begins with `$` or `_` there (subject_template.h).
bool may_begin_so(std::string_view entry, std::string_view subject) {
  const bool reserved = subject.starts_with('$') || subject.starts_with('_');
  return !reserved || !auth::has_braces(first_token(entry));
}

bool reaches(const auth::SubjectLists& lists, const Row& row) {
  if (denied(lists, row.subject)) return false;
  return std::ranges::any_of(lists.allow, [&](const std::string& entry) {
    const bool named = first_token(entry) == first_token(row.subject);
    return (named || !row.by_name) && may_begin_so(entry, row.subject) && !is_harmless(entry) &&
           !denied(lists, entry) && auth::overlaps(any_value(without_domain(entry)), row.subject);
  });
}

bool reaches_all(const auth::SubjectLists& lists) {
  return std::ranges::any_of(lists.allow, [&](const std::string& entry) {
    return is_all_wildcards(entry) && !denied(lists, entry);
  });
}

void add_once(OrderedJson& list, const char* warning) {
  if (std::ranges::find(list, warning) == list.end()) list.push_back(warning);
}

void add_rows(const auth::SubjectLists& lists, std::span<const Row> rows, OrderedJson& list) {
  for (const Row& row : rows) {
    if (reaches(lists, row)) add_once(list, row.warning);
  }
}

void add_admin(const Config& config, const auth::Permissions& all, OrderedJson& list) {
  for (const auto operation : kAdminOperations) {
    const std::string of_all = "credgate.v1.credentials." + std::string(operation);
    const std::string of_admins = of_all + "." + config.admin_account;
    for (const std::string& subject : {of_all, of_admins}) {
      if (reaches(all.publish, {subject, kAdminWarning, false})) add_once(list, kAdminWarning);
    }
  }
  add_rows(all.subscribe, kSubscribeAdmin, list);
}

void drop_streams(auth::Rights& rights) {
  rights.streams.clear();
  rights.buckets = {};
}

}  // namespace

Reach reach_of(const auth::Credential& credential, std::span<const auth::Role> roles) {
  auth::Credential c = credential;
  std::vector<auth::Role> rest{roles.begin(), roles.end()};
  bool everything = c.everything;
  drop_streams(c);
  for (auth::Role& role : rest) {
    everything = everything || role.everything;
    drop_streams(role);
  }
  return {auth::shown_permissions(c, rest), everything};
}

Reach reach_of(const auth::Role& role) {
  auth::Role rest = role;
  drop_streams(rest);
  return {auth::given_by(rest), role.everything};
}

void add_reach_warnings(const Config& config, std::string_view account, Reach reach,
                        OrderedJson& list) {
  auth::Permissions& all = reach.permissions;
  all.subscribe = auth::subscribable(std::move(all.subscribe));
  if (!reach.everything && reaches_all(all.publish)) list.push_back(kPublishAllWarning);
  if (!reach.everything && reaches_all(all.subscribe)) list.push_back(kSubscribeAllWarning);
  add_rows(all.publish, kPublish, list);
  add_rows(all.subscribe, kSubscribe, list);
  if (!config.admin_account.empty() && account == config.admin_account) {
    add_admin(config, all, list);
  }
}

}  // namespace gateway::operations
