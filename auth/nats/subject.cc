#include "auth/nats/subject.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>

namespace auth {
namespace {

struct CodePoints {
  char32_t first;
  char32_t last;
};

constexpr auto kUnprintable = std::to_array<CodePoints>({
    {0x00, 0x1F},      // C0
    {0x7F, 0x9F},      // DEL, C1
    {0x061C, 0x061C},  // Arabic letter mark
    {0x200E, 0x200F},  // left-to-right and right-to-left mark
    {0x2028, 0x202E},  // line and paragraph separator, bidirectional embeddings and overrides
    {0x2066, 0x2069},  // bidirectional isolates
});

// General category Cf, the rest of Default_Ignorable_Code_Point, and the blank Braille pattern.
// Source: Unicode 15.1, DerivedGeneralCategory.txt, DerivedCoreProperties.txt.
constexpr auto kInvisible = std::to_array<CodePoints>({
    {0xAD, 0xAD},       {0x034F, 0x034F},   {0x0600, 0x0605},   {0x061C, 0x061C},
    {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},
    {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},
    {0x202A, 0x202E},   {0x2060, 0x206F},   {0x2800, 0x2800},   {0x3164, 0x3164},
    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
});

// What is left of Go's unicode.IsSpace, by which nats-server parts a subject from a queue name.
constexpr auto kSpaces = std::to_array<CodePoints>({
    {0x20, 0x20},
    {0xA0, 0xA0},
    {0x1680, 0x1680},
    {0x2000, 0x200A},
    {0x202F, 0x202F},
    {0x205F, 0x205F},
    {0x3000, 0x3000},
});

// A code point has one spelling, its shortest.
constexpr std::array<char32_t, 5> kSmallestOfLength{0, 0, 0x80, 0x800, 0x10000};

// Takes the first code point off `text`, which is not empty; absent where that is not UTF-8.
// Source: RFC 3629 §3.
std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const auto ones = static_cast<std::size_t>(std::countl_one(lead));
  const std::size_t length = std::max<std::size_t>(ones, 1);
  if (ones == 1 || ones > 4 || length > text.size()) return std::nullopt;

  char32_t point = lead & (0xFFU >> ones);
  for (const char c : text.substr(1, length - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80) return std::nullopt;
    point = (point << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kSmallestOfLength[length] || point > 0x10FFFF || surrogate) return std::nullopt;
  text.remove_prefix(length);
  return point;
}

bool utf8_without(std::string_view text, std::span<const CodePoints> unwanted) {
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point) return false;
    const auto holds_it = [&](CodePoints range) {
      return *point >= range.first && *point <= range.last;
    };
    if (std::ranges::any_of(unwanted, holds_it)) return false;
  }
  return true;
}

class Tokens {
 public:
  explicit Tokens(std::string_view subject) : rest_(subject) {}

  std::optional<std::string_view> next() {
    if (!rest_) return std::nullopt;
    const auto dot = rest_->find('.');
    const auto token = rest_->substr(0, dot);
    rest_ = dot == rest_->npos ? std::nullopt : std::optional{rest_->substr(dot + 1)};
    return token;
  }
  bool done() const { return !rest_; }

 private:
  std::optional<std::string_view> rest_;
};

}  // namespace

bool valid_subject(std::string_view subject) {
  if (subject.size() > kMaxSubjectBytes) return false;
  if (!printable(subject) || !utf8_without(subject, kSpaces)) return false;
  Tokens tokens{subject};
  while (const auto token = tokens.next()) {
    if (*token == ">") return tokens.done();
    if (*token == "*") continue;
    if (token->empty() || token->find_first_of("*>") != token->npos) return false;
  }
  return true;
}

bool valid_published(std::string_view subject) {
  if (subject.size() > kMaxPublishedBytes) return false;
  if (!printable(subject) || !utf8_without(subject, kSpaces)) return false;
  Tokens tokens{subject};
  while (const auto token = tokens.next()) {
    if (token->empty()) return false;
  }
  return true;
}

bool valid_name(std::string_view name) {
  const auto allowed = [](char c) {
    return c > ' ' && c <= '~' && std::string_view{".*>/\\"}.find(c) == std::string_view::npos;
  };
  return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, allowed);
}

bool visible(std::string_view text) {
  const auto spaces = std::span{kSpaces}.subspan(1);  // without U+0020
  return printable(text) && utf8_without(text, kInvisible) && utf8_without(text, spaces);
}

bool valid_login(std::string_view login) {
  return !login.empty() && login.size() <= kMaxLoginBytes && printable(login);
}

bool covers(std::string_view outer, std::string_view inner) {
  Tokens outers{outer};
  Tokens inners{inner};
  for (;;) {
    const auto o = outers.next();
    const auto i = inners.next();
    if (!o || !i) return !o && !i;
    if (*o == ">") return true;
    if (*i == ">" || (*o != "*" && *o != *i)) return false;
  }
}

bool matches(std::string_view entry, std::string_view subject) {
  Tokens entries{entry};
  Tokens subjects{subject};
  for (;;) {
    const auto e = entries.next();
    const auto s = subjects.next();
    if (!e || !s) return !e && !s;
    if (*e == ">") return true;
    if (*e != "*" && *e != *s) return false;
  }
}

bool overlaps(std::string_view a, std::string_view b) {
  Tokens as{a};
  Tokens bs{b};
  for (;;) {
    const auto left = as.next();
    const auto right = bs.next();
    if (!left || !right) return !left && !right;
    if (*left == ">" || *right == ">") return true;
    if (*left != "*" && *right != "*" && *left != *right) return false;
  }
}

bool printable(std::string_view text) {
  return utf8_without(text, kUnprintable);
}

}  // namespace auth
