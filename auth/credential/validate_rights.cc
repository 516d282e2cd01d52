// The rules for what a record may do.

#include <initializer_list>
#include <utility>

#include "auth/credential/capabilities.h"
#include "auth/credential/permission_size.h"
#include "auth/credential/rule_check.h"
#include "auth/credential/subject_template.h"
#include "auth/credential/validate.h"
#include "auth/nats/subject.h"

namespace auth {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSubjectHint =
    "must be at most 255 bytes of tokens between dots, none of them empty, without white space; "
    "`*` "
    "may be a whole token and `>` the whole last one";

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

Verdict check_subjects(const Rights& c) {
  const auto& raw = c.permissions;
  return check_lists({
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
  });
}

// What a capability needs; "absent means everything" never happens.
Verdict check_capabilities(const Rights& c) {
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
Verdict check_idle(const Rights& c) {
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

Verdict check_named(const Rights& c) {
  if (auto wrong = validate(c.buckets)) return wrong;
  return validate(c.services);
}

Verdict check_responses(const Rights& c) {
  const Responses responses = c.permissions.responses.value_or(Responses{});
  return check({
      {within(responses.max, 1U, 1'000'000U), "permissions.responses.max", "must be 1 to 1000000"},
      {within<std::chrono::seconds>(responses.ttl, 1s, 24h), "permissions.responses.ttl",
       "must be 1 second to 24 hours"},
  });
}

Invalid too_much() {
  return {"permissions", "must expand to at most 5000 entries and 512 KiB, capabilities included"};
}

Verdict check_rows(const Rights& c) {
  // Before anything is multiplied out.
  const std::size_t rows = c.streams.size() * std::max<std::size_t>(1, c.consumers.size());
  return rows > kMaxPermissionEntries ? Verdict{too_much()} : std::nullopt;
}

// What `everything` denies to whoever also publishes, others would have to allow.
bool denies_jetstream(const Rights& rights) {
  return rights.everything && rights.publish;
}

bool needs_denied(const Rights& rights) {
  return !rights.streams.empty() || rights.buckets != BucketRights{} ||
         !rights.services.call.empty();
}

}  // namespace

std::optional<Invalid> validate(const Rights& rights) {
  for (const auto check_part :
       {check_subjects, check_named, check_capabilities, check_idle, check_responses, check_rows}) {
    if (auto wrong = check_part(rights)) return wrong;
  }
  return std::nullopt;
}

std::optional<Invalid> check_size(const Permissions& permissions) {
  return fits_user_jwt(permissions) ? std::nullopt : Verdict{too_much()};
}

std::optional<Invalid> validate(const Role& role) {
  const Verdict wrong = check({
      {valid_name(role.account), "account", kNameHint},
      {valid_role_name(role.name), "name", kRoleNameHint},
      {role.description.size() <= 255 && printable(role.description), "description",
       "must be at most 255 bytes of printable UTF-8"},
      {visible(role.description), "description", kVisibleHint},
  });
  if (wrong) return wrong;
  if (auto bad = validate(static_cast<const Rights&>(role))) return bad;
  return check_size(given_by(role));
}

std::optional<Invalid> validate_together(const Credential& credential,
                                         std::span<const Role> roles) {
  if (roles.empty()) return std::nullopt;
  std::vector<std::pair<const Rights*, std::string>> sets{{&credential, "the credential's own"}};
  for (const Role& role : roles)
    sets.emplace_back(&role, "the role " + role.name + "'s");
  for (const auto& [wide, of_wide] : sets) {
    for (const auto& [other, of_other] : sets) {
      if (!denies_jetstream(*wide) || !needs_denied(*other)) continue;
      return Invalid{"roles", "must not bring `everything` with `publish` (" + of_wide +
                                  " rights), which denies $JS.> and $SRV.>, together with "
                                  "streams, buckets or `call` (" +
                                  of_other + " rights); create a second credential for them"};
    }
  }
  if (fits_user_jwt(expand(credential, roles))) return std::nullopt;
  return Invalid{"roles",
                 "must expand to at most 5000 entries and 512 KiB, together with the credential's "
                 "own rights"};
}

}  // namespace auth
