#include "auth/credential/validate.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "auth/credential/capabilities.h"
#include "auth/credential/list_check.h"
#include "auth/credential/password_hash.h"
#include "auth/credential/permission_size.h"
#include "auth/credential/subject_template.h"
#include "auth/nats/subject.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using List = std::vector<std::string>;
using Verdict = std::optional<Invalid>;

constexpr std::string_view kNameHint =
    "must be 1 to 128 printable ASCII characters without white space, `.`, `*`, `>`, `/` and `\\`";
constexpr std::string_view kSubjectHint =
    "must be at most 255 bytes of tokens between dots, none of them empty, without white space; "
    "`*` "
    "may be a whole token and `>` the whole last one";

constexpr std::string_view kVisibleHint =
    "must not have characters that can't be seen (zero-width and other format characters), nor "
    "white space other than U+0020: it would look like another";

struct Rule {
  bool holds;
  std::string_view field;
  std::string_view message;
};

Verdict check(std::initializer_list<Rule> rules) {
  for (const auto& rule : rules) {
    if (!rule.holds) return Invalid{std::string{rule.field}, std::string{rule.message}};
  }
  return std::nullopt;
}

bool implies(bool condition, bool consequence) {
  return !condition || consequence;
}

template <class T>
bool within(const T& value, const T& least, const T& most) {
  return value >= least && value <= most;
}

template <class T>
bool all_different(std::vector<T> list) {
  std::ranges::sort(list);
  return std::ranges::adjacent_find(list) == list.end();
}

bool consists_of(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return within(c, 'a', 'z') || within(c, '0', '9') || more.find(c) != more.npos;
  });
}

// A template may have a number as its value.
bool is_number(std::string_view text) {
  return fill_templates(text, "0").find_first_not_of("0123456789") == std::string::npos;
}

std::string_view first_token(std::string_view subject) {
  return subject.substr(0, subject.find('.'));
}

bool is_closed_in(std::string_view subject) {
  return first_token(subject) != "*" && first_token(subject) != ">";
}

bool is_for_applications(std::string_view subject) {
  const auto token = first_token(subject);
  return token != "$SYS" && token != "$JS" && token != "$MQTT" && token != "_R_" &&
         !token.starts_with("_INBOX") && token != first_token(kPrivateInboxes);
}

bool valid_consumer(std::string_view name) {
  return name == "*" || valid_name(name);
}

std::string_view tag_key(std::string_view tag) {
  return tag.substr(0, tag.find('='));
}

bool valid_tag(std::string_view tag) {
  const auto key = tag_key(tag);
  if (key.size() == tag.size() || !within<std::size_t>(key.size(), 1, 63)) return false;
  const auto value = tag.substr(key.size() + 1);
  return consists_of(key.substr(0, 1), "") && consists_of(key, "_.-") && value.size() <= 255 &&
         printable(value);
}

struct ListRule {
  std::string_view field;
  const List& list;
  bool (*valid)(std::string_view);
  std::string_view hint;
  bool has_templates = false;
  std::size_t max = kMaxListEntries;
};

Verdict check_list(const ListRule& rule) {
  std::vector<ListEntry> entries;
  for (const auto& text : rule.list) {
    auto error = rule.has_templates ? template_error(text) : std::nullopt;
    if (!error && !rule.valid(rule.has_templates ? fill_templates(text, "x") : text)) {
      error = rule.hint;
    }
    entries.push_back({text, std::move(error)});
  }
  return check_entries(rule.field, entries, rule.max);
}

Verdict check_lists(const Credential& c) {
  const auto& raw = c.permissions;
  const ListRule rules[] = {
      {"regions", c.regions, valid_name, kNameHint},
      {"subjects", c.subjects, valid_subject, kSubjectHint, true},
      {"subjects", c.subjects, is_closed_in,
       "must begin with a token that is not a wildcard; for all subjects use `everything`", true},
      {"subjects", c.subjects, is_for_applications,
       "matches other clients' acknowledgements and replies; if that is intended, write it in "
       "`permissions`",
       true},
      {"streams", c.streams, valid_name, kNameHint, true},
      {"consumers", c.consumers, valid_consumer, kNameHint, true},
      {"permissions.publish.allow", raw.publish.allow, valid_subject, kSubjectHint, true},
      {"permissions.publish.deny", raw.publish.deny, valid_subject, kSubjectHint, true},
      {"permissions.subscribe.allow", raw.subscribe.allow, valid_subject, kSubjectHint, true},
      {"permissions.subscribe.deny", raw.subscribe.deny, valid_subject, kSubjectHint, true},
      {"tags", c.tags, valid_tag,
       "must be `key=value` with a key of 1 to 63 of a-z, 0-9, `_`, `.`, `-`, a letter or digit "
       "first, and a value of at most 255 bytes of printable UTF-8",
       false, 64},
  };
  for (const auto& rule : rules) {
    if (auto wrong = check_list(rule)) return wrong;
  }
  return std::nullopt;
}

Verdict check_labels(const Credential& c) {
  std::vector<std::string_view> keys;
  for (const auto& tag : c.tags)
    keys.push_back(tag_key(tag));
  return check({
      {within<std::size_t>(c.name.size(), 1, kMaxNameBytes) && printable(c.name), "name",
       "must be 1 to 128 bytes of printable UTF-8"},
      {visible(c.name), "name", kVisibleHint},
      {!c.name.starts_with(' ') && !c.name.ends_with(' '), "name",
       "must not begin or end with a space"},
      {!has_id_form(c.name), "name",
       "must not have the form of an id, because a credential is found by id or by name"},
      {valid_name(c.account), "account", kNameHint},
      {all_different(keys), "tags", "must contain each key once"},
      {c.revoke_reason.size() <= 1024 && printable(c.revoke_reason), "revoke_reason",
       "must be at most 1024 bytes of printable UTF-8"},
      {c.secrets.size() <= 2, "secrets",
       "must be at most two; the second one exists only during a rotation"},
      {implies(c.sigv4, c.kind == Kind::key), "sigv4",
       "is only for kind key, whose id is the access key id"},
      {implies(c.sigv4_connect, c.sigv4), "sigv4_connect", "needs `sigv4`"},
  });
}

// The proofs that people give; the others are made here, and whole.
Verdict check_secrets(const Credential& c) {
  if (c.kind != Kind::password) return std::nullopt;
  for (const auto& secret : c.secrets) {
    const Verdict wrong = check({
        {valid_login(secret.login), "login", "must be 1 to 255 bytes of printable UTF-8"},
        {visible(secret.login), "login", kVisibleHint},
        {!has_id_form(secret.login), "login",
         "must not have the form of an id, which is the login of a credential of kind key"},
    });
    if (wrong) return wrong;
    const auto hash = read_password_hash(secret.password_hash);
    if (!hash) return Invalid{"password_hash", hash.error()};
  }
  return std::nullopt;
}

// What a capability needs; "absent means everything" never happens.
Verdict check_capabilities(const Credential& c) {
  const bool subjects = !c.subjects.empty();
  const bool streams = !c.streams.empty();
  const bool any_consumer = std::ranges::find(c.consumers, "*") != c.consumers.end();
  return check({
      {implies(c.publish, subjects || c.everything), "subjects",
       "must name the subjects for `publish`, unless `everything` is set"},
      {implies(c.receive, subjects || streams || c.everything), "subjects",
       "must name the subjects for `receive`, unless streams are given or `everything` is set"},
      {implies(c.manage, streams), "streams", "must name the streams for `manage`"},
      {implies(c.ack_v2, streams), "ack_v2", "needs streams"},
      {c.domain.empty() || valid_domain(c.domain), "domain",
       "must be the name of a JetStream domain: 1 to 64 of A-Z, a-z, 0-9, `_` and `-`, and not a "
       "word that JetStream uses in its place (ACK, API, EVENT, FC, SNAPSHOT)"},
      {!(c.ack_v2 && std::ranges::any_of(c.streams, is_number)), "ack_v2",
       "must not be set for a stream whose name is a number: its subjects would match other "
       "streams' acknowledgements"},
      {implies(any_consumer, c.consumers.size() == 1), "consumers",
       "must be either names or `*` alone"},
  });
}

// What would say nothing, and so was meant to say something else.
Verdict check_idle(const Credential& c) {
  const bool moves = c.publish || c.receive;
  const bool subjects = !c.subjects.empty();
  const bool streams = !c.streams.empty();
  return check({
      {implies(subjects, moves), "subjects", "need `publish` or `receive`"},
      {implies(subjects, !c.everything), "subjects", "must be empty if `everything` is set"},
      {implies(streams, c.receive || c.manage), "streams", "need `receive` or `manage`"},
      {!(streams && c.everything && c.publish), "streams",
       "must be empty if `publish` is given with `everything`, which denies `$JS.>`; create a "
       "second credential for them"},
      {implies(!c.consumers.empty(), c.receive && streams), "consumers",
       "need `receive` and streams"},
      {implies(c.everything, moves), "everything", "needs `publish` or `receive`"},
      {!(c.everything && c.publish && c.buckets != BucketRights{}), "everything",
       "must not be given with `publish` and buckets, whose subjects it denies; create a second "
       "credential for them"},
      {!(c.everything && c.publish && !c.services.call.empty()), "everything",
       "must not be given with `publish` and `call`, whose $SRV.> it denies; create a second "
       "credential for that"},
      {implies(!c.domain.empty(), streams || c.buckets != BucketRights{}), "domain",
       "needs streams or buckets"},
  });
}

Verdict check_rights(const Credential& c) {
  if (auto wrong = validate(c.buckets)) return wrong;
  return validate(c.services);
}

Verdict check_limits(const Credential& c) {
  const Responses responses = c.permissions.responses.value_or(Responses{});
  const bool in_order = !c.not_before || !c.expires_at || *c.expires_at > *c.not_before;
  return check({
      {within(responses.max, 1U, 1'000'000U), "permissions.responses.max", "must be 1 to 1000000"},
      {within<std::chrono::seconds>(responses.ttl, 1s, 24h), "permissions.responses.ttl",
       "must be 1 second to 24 hours"},
      {c.sources.size() <= 256, "sources", "must have at most 256 entries"},
      {all_different(c.connection_types), "connection_types", "must not contain an entry twice"},
      {c.times.size() <= 32, "times", "must have at most 32 entries"},
      // A slash in front would lead out of the directory of the zone data.
      {c.times_location.size() <= 64 && !c.times_location.starts_with('/') &&
           consists_of(c.times_location, "ABCDEFGHIJKLMNOPQRSTUVWXYZ/_+-"),
       "times_location", "must be the name of an IANA time zone, such as Europe/Berlin"},
      {in_order, "expires_at", "must be later than `not_before`"},
      {within<std::chrono::seconds>(c.session_ttl.value_or(10s), 10s, 365 * 24h), "session_ttl",
       "must be 10 seconds to 365 days"},
  });
}

Verdict check_size(const Credential& c) {
  const Invalid too_much{"permissions",
                         "must expand to at most 5000 entries and 512 KiB, capabilities included"};
  // Before anything is multiplied out.
  const std::size_t rows = c.streams.size() * std::max<std::size_t>(1, c.consumers.size());
  if (rows > kMaxPermissionEntries) return too_much;
  return fits_user_jwt(expand(c)) ? std::nullopt : Verdict{too_much};
}

}  // namespace

std::optional<Invalid> validate(const Credential& credential) {
  for (const auto check_part : {check_labels, check_lists, check_rights, check_secrets,
                                check_capabilities, check_idle, check_limits, check_size}) {
    if (auto wrong = check_part(credential)) return wrong;
  }
  return std::nullopt;
}

}  // namespace auth
