#include "store/head_note.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <utility>

#include "auth/base/base64.h"
#include "auth/base/secret.h"
#include "auth/credential/master_key.h"
#include "store/fault.h"

namespace store {
namespace {

constexpr std::string_view kFirstLine = "credgate-head 1";
constexpr std::string_view kMac = "mac ";

// One line after the other, each of words with one space between them.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool at_end() const { return text_.empty(); }
  // Absent where there is none, or other than `count` words in it, or `or_count`.
  std::optional<std::vector<std::string_view>> next(std::size_t count, std::size_t or_count = 0) {
    const auto end = text_.find('\n');
    if (end == text_.npos) return std::nullopt;
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    std::vector<std::string_view> words;
    for (auto space = line.find(' '); space != line.npos; space = line.find(' ')) {
      words.push_back(line.substr(0, space));
      line.remove_prefix(space + 1);
    }
    words.push_back(line);
    return words.size() == count || words.size() == or_count ? std::optional{words} : std::nullopt;
  }

 private:
  std::string_view text_;
};

bool read_number(std::string_view text, std::uint64_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_hash(std::string_view text, auth::Hash32& into) {
  const auto bytes = auth::read_base64url(text);
  if (!bytes || bytes->size() != into.size()) return false;
  std::ranges::copy(*bytes, into.begin());
  return true;
}

bool read_head(Lines& lines, HeadNote& note) {
  const auto first = lines.next(2);
  if (!first || first->at(0) != "credgate-head" || first->at(1) != "1") return false;
  const auto key = lines.next(2);
  if (!key || key->at(0) != "key") return false;
  const auto store = lines.next(2);
  if (!store || store->at(0) != "store") return false;
  note.store_id = store->at(1);
  const auto head = lines.next(3);
  if (!head || head->at(0) != "head" || !read_number(head->at(1), note.head.sequence) ||
      !read_hash(head->at(2), note.head.hash)) {
    return false;
  }
  const auto timeline = lines.next(2);
  if (!timeline || timeline->at(0) != "timeline" || !read_hash(timeline->at(1), note.timeline)) {
    return false;
  }
  const auto from = lines.next(2);
  return from && from->at(0) == "complete-from" && read_number(from->at(1), note.complete_from);
}

bool read_shutout(Lines& lines, HeadNote& note) {
  const auto words = lines.next(3, 4);
  if (!words) return false;
  const bool earlier = words->size() == 4;
  if (earlier && words->back() != "earlier") return false;
  const auto action = read_action(words->at(0));
  Shutout shutout{.id = std::string(words->at(2))};
  if (!action || !is_shutout(*action) || !read_number(words->at(1), shutout.sequence) ||
      !auth::has_id_form(shutout.id)) {
    return false;
  }
  shutout.action = *action;
  shutout.earlier = earlier;
  note.shutouts.push_back(std::move(shutout));
  return true;
}

std::optional<HeadNote> read_lines(std::string_view text) {
  Lines lines{text};
  HeadNote note;
  if (!read_head(lines, note)) return std::nullopt;
  while (!lines.at_end()) {
    if (note.shutouts.size() == kMaxShutouts || !read_shutout(lines, note)) return std::nullopt;
  }
  return note;
}

// A credential that is suspended and resumed over and over would push out who was revoked.
void keep_last(std::vector<Shutout>& shutouts) {
  std::set<std::pair<std::string, Action>> seen;
  std::vector<Shutout> kept;
  for (auto one = shutouts.rbegin(); one != shutouts.rend(); ++one) {
    const Action kind = one->action == Action::resume ? Action::suspend : one->action;
    if (seen.contains({one->id, Action::revoke})) continue;
    if (seen.emplace(one->id, kind).second) kept.push_back(std::move(*one));
  }
  std::ranges::reverse(kept);
  shutouts = std::move(kept);
}

void drop_oldest(HeadNote& note, const std::function<bool(const Shutout&)>& may_go) {
  std::erase_if(note.shutouts, [&, left = note.shutouts.size()](const Shutout& one) mutable {
    if (left <= kMaxShutouts || !may_go(one)) return false;
    --left;
    if (!one.earlier) note.complete_from = std::max(note.complete_from, one.sequence);
    return true;
  });
}

}  // namespace

bool is_shutout(Action action) {
  return action == Action::revoke || action == Action::suspend || action == Action::resume ||
         action == Action::rotate;
}

void bound(HeadNote& note) {
  if (note.shutouts.size() <= kMaxShutouts) return;
  keep_last(note.shutouts);
  if (note.shutouts.size() <= kMaxShutouts) return;
  drop_oldest(note, [](const Shutout& one) { return one.action != Action::revoke; });
  drop_oldest(note, [](const Shutout&) { return true; });
}

std::string write_note(const HeadNote& note, const auth::MasterKey& key) {
  // The store's own bytes must not become lines of what is signed.
  if (note.store_id.find_first_of(" \n") != std::string::npos) {
    throw Fault("store: its id cannot be noted: it has a space or a line break");
  }
  std::string text = std::string(kFirstLine) + "\nkey " + key.key_id() + "\nstore " +
                     note.store_id + "\nhead " + std::to_string(note.head.sequence) + " " +
                     auth::write_base64url(note.head.hash) + "\ntimeline " +
                     auth::write_base64url(note.timeline) + "\ncomplete-from " +
                     std::to_string(note.complete_from) + "\n";
  for (const Shutout& shutout : note.shutouts) {
    text += std::string(name(shutout.action)) + " " + std::to_string(shutout.sequence) + " " +
            shutout.id + (shutout.earlier ? " earlier\n" : "\n");
  }
  const auth::Hash32 mac = key.sign_head(text);
  return text + std::string(kMac) + auth::write_base64url(mac) + "\n";
}

std::optional<ReadNote> read_note(std::string_view text, const auth::MasterKeys& keys) {
  // 43 characters of base64url, and the line break.
  constexpr std::size_t kMacLine = kMac.size() + 43 + 1;
  if (text.size() < kMacLine || text.size() > kMaxNoteBytes || text.back() != '\n') {
    return std::nullopt;
  }
  const std::string_view last = text.substr(text.size() - kMacLine);
  text.remove_suffix(kMacLine);
  auth::Hash32 mac{};
  if (!last.starts_with(kMac) || !read_hash(last.substr(kMac.size(), 43), mac)) {
    return std::nullopt;
  }
  for (const auth::MasterKey& key : keys.all()) {
    if (!auth::equal_secrets(key.sign_head(text), mac)) continue;
    auto note = read_lines(text);
    if (!note) return std::nullopt;
    return ReadNote{std::move(*note), &key};
  }
  return std::nullopt;
}

std::string claimed_key(std::string_view text) {
  constexpr std::size_t kIdSize = 16;
  Lines lines{text};
  if (!lines.next(2)) return "";
  const auto key = lines.next(2);
  if (!key || key->at(0) != "key" || key->at(1).size() != kIdSize) return "";
  const bool hex = key->at(1).find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return hex ? std::string(key->at(1)) : "";
}

}  // namespace store
