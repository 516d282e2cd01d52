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

SubjectVerdict judge(const Credential& c, const Wish& wish) {
  const auto given = permissions_of(c, wish.type);
  if (!given) return {};
  const bool leafnode = wish.type == ConnectionType::leafnode;
  const auto& all = given->permissions;
  if (wish.publish) {
    return leafnode ? leafnode_may_publish(all, wish.subject) : may_publish(all, wish.subject);
  }
  return leafnode ? leafnode_may_subscribe(all, wish.subject) : may_subscribe(all, wish.subject);
}

bool gets(const Credential& c, const Wish& wish) {
  return judge(c, wish).may == May::yes;
}

bool includes(const SubjectLists& outer, const SubjectLists& inner) {
  return std::ranges::includes(outer.allow, inner.allow);
}

// Whether it loses nothing: to name consumers where none were named takes those that exist.
bool keeps(const Credential& before, const Credential& after) {
  const Permissions old = expand(before);
  const Permissions now = expand(after);
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
List tried(const Credential& c, const Wish& wish, const std::vector<Right>& rights) {
  List words;
  for (const Right& right : rights) {
    if (words.size() == kMaxAnswers) break;
    if (wider(words, right.words)) continue;
    Credential alone = nobody_of(c);
    right.give(alone);
    if (!gets(alone, wish) || validate(alone)) continue;
    Credential both = c;
    right.give(both);
    const bool fits = !validate(both) && keeps(c, both) && gets(both, wish);
    words.push_back(right.words + std::string{fits ? "" : kSecond});
  }
  return words;
}

// Takes the explicit deny entries away that the wish meets, and gives the option that has them.
std::string allow_again(Credential& c, const Wish& wish) {
  auto& list = (wish.publish ? c.permissions.publish : c.permissions.subscribe).deny;
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

bool is_inbox(std::string_view subject) {
  return subject.starts_with("_INBOX") || subject.starts_with("_R_.") ||
         overlaps(kPrivateInboxes, subject);
}

// A client receives replies on its own inbox, and answers those of others.
List inbox_words(const Credential& c, const Wish& wish) {
  if (wish.publish) {
    const bool answers = c.allow_responses || !c.services.serve.empty() || c.permissions.responses;
    return answers ? List{} : List{"--allow-responses, to reply to a request"};
  }
  if (!wish.subject.starts_with("_INBOX") || c.inbox == Inbox::shared) return {};
  return {"the inbox prefix " + inbox_prefix(c) + " in the client"};
}

}  // namespace

List needed_rights(const Credential& credential, const Wish& wish) {
  const auto first = wish.subject.substr(0, wish.subject.find('.'));
  const bool wild = first == "*" || first == ">";
  if (!wild && is_inbox(wish.subject)) return inbox_words(credential, wish);
  Credential c = credential;
  const std::string without = allow_again(c, wish);
  if (!without.empty() && gets(c, wish)) return {without};
  List words = tried(c, wish, rights_of_any_name(wish));
  if (words.empty()) words = tried(c, wish, rights_of_names(wish));
  if (words.empty()) words = tried(c, wish, raw_rights(wish));
  if (without.empty()) return words;
  for (std::string& right : words)
    right += ", " + without;
  return words;
}

}  // namespace auth
