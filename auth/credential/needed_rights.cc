#include "auth/credential/needed_rights.h"

#include <algorithm>
#include <utility>

#include "auth/base/text.h"
#include "auth/credential/capabilities.h"
#include "auth/credential/permission_check.h"
#include "auth/credential/validate.h"
#include "auth/nats/subject.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

constexpr std::size_t kMaxAnswers = 2;
constexpr std::string_view kSecond = " in a second credential";

// A credential and its roles.
struct Holder {
  Credential credential;
  std::vector<Role> roles{};
};

SubjectVerdict judge(const Holder& holder, const Wish& wish) {
  const auto given = permissions_of(holder.credential, holder.roles, wish.type);
  if (!given) return {};
  const bool leafnode = wish.type == ConnectionType::leafnode;
  const auto& all = given->permissions;
  if (wish.publish) {
    return leafnode ? leafnode_may_publish(all, wish.subject) : may_publish(all, wish.subject);
  }
  return leafnode ? leafnode_may_subscribe(all, wish.subject) : may_subscribe(all, wish.subject);
}

bool gets(const Holder& holder, const Wish& wish) {
  return judge(holder, wish).may == May::yes;
}

bool includes(const SubjectLists& outer, const SubjectLists& inner) {
  return std::ranges::includes(outer.allow, inner.allow);
}

// Whether it loses nothing: to name consumers where none were named takes those that exist.
bool keeps(const Holder& before, const Holder& after) {
  const Permissions old = expand(before.credential, before.roles);
  const Permissions now = expand(after.credential, after.roles);
  return includes(now.publish, old.publish) && includes(now.subscribe, old.subscribe);
}

// What the right alone is given to.
Credential nobody_of(const Credential& c) {
  Credential nobody;
  nobody.id = c.id;
  nobody.name = c.name;
  nobody.account = c.account;
  nobody.kind = c.kind;
  nobody.tags = c.tags;
  return nobody;
}

// Whether a narrower one of the same words is among them.
bool wider(const List& words, std::string_view right) {
  return std::ranges::any_of(words, [&](std::string_view given) {
    if (given.ends_with(kSecond)) given.remove_suffix(kSecond.size());
    return right.starts_with(given);
  });
}

// The words of those that give the wish.
List tried(const Holder& holder, const Wish& wish, const std::vector<Right>& rights) {
  List words;
  for (const Right& right : rights) {
    if (words.size() == kMaxAnswers) break;
    if (wider(words, right.words)) continue;
    Holder alone{.credential = nobody_of(holder.credential)};
    right.give(alone.credential);
    if (!gets(alone, wish) || validate(alone.credential)) continue;
    Holder both = holder;
    right.give(both.credential);
    const bool fits = !validate(both.credential) &&
                      !validate_together(both.credential, both.roles) && keeps(holder, both) &&
                      gets(both, wish);
    words.push_back(right.words + std::string{fits ? "" : kSecond});
  }
  return words;
}

// Takes the explicit deny entries away that the wish meets, and gives the option that has them.
// `rights`: those of `c`, or of one of its roles.
std::string allow_again(Rights& rights, const Credential& c, const Wish& wish) {
  auto& permissions = rights.permissions;
  auto& list = (wish.publish ? permissions.publish : permissions.subscribe).deny;
  List taken;
  const auto meets = [&](const std::string& item) {
    const auto entry = expand_template(item, {.id = c.id, .name = c.name, .tags = c.tags});
    const bool met =
        entry && (wish.publish ? matches(*entry, wish.subject) : overlaps(*entry, wish.subject));
    if (met) taken.push_back(shell_word(item));
    return met;
  };
  std::erase_if(list, meets);
  std::string words;
  for (const auto& entry : taken)
    words += (words.empty() ? "" : ",") + entry;
  if (words.empty()) return words;
  return (wish.publish ? "without --deny-pub " : "without --deny-sub ") + words;
}

std::string allow_again(Holder& holder, const Wish& wish) {
  std::string words = allow_again(holder.credential, holder.credential, wish);
  for (Role& role : holder.roles) {
    const std::string more = allow_again(role, holder.credential, wish);
    if (more.empty()) continue;
    words += (words.empty() ? "" : ", ") + more + " of role " + role.name;
  }
  return words;
}

bool is_inbox(std::string_view subject) {
  return subject.starts_with("_INBOX") || subject.starts_with("_R_.") ||
         overlaps(kPrivateInboxes, subject);
}

// A client receives replies on its own inbox, and answers those of others.
List inbox_words(const Holder& holder, const Wish& wish) {
  const Credential& c = holder.credential;
  if (wish.publish) {
    const bool answers = expand(c, holder.roles).responses.has_value();
    return answers ? List{} : List{"--allow-responses, to reply to a request"};
  }
  if (!wish.subject.starts_with("_INBOX") || c.inbox == Inbox::shared) return {};
  return {"the inbox prefix " + inbox_prefix(c) + " in the client"};
}

}  // namespace

List needed_rights(const Credential& credential, std::span<const Role> roles, const Wish& wish) {
  const auto first = wish.subject.substr(0, wish.subject.find('.'));
  const bool wild = first == "*" || first == ">";
  if (!wild && is_inbox(wish.subject))
    return inbox_words({credential, {roles.begin(), roles.end()}}, wish);
  Holder holder{credential, {roles.begin(), roles.end()}};
  const std::string without = allow_again(holder, wish);
  if (!without.empty() && gets(holder, wish)) return {without};
  List words = tried(holder, wish, rights_of_any_name(wish));
  if (words.empty()) words = tried(holder, wish, rights_of_names(wish));
  if (words.empty()) words = tried(holder, wish, raw_rights(wish));
  if (without.empty()) return words;
  for (std::string& right : words)
    right += ", " + without;
  return words;
}

}  // namespace auth
