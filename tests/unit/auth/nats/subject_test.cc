#include "auth/nats/subject.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace auth {
namespace {

using Texts = std::vector<std::string_view>;
using Strings = std::vector<std::string>;

using namespace std::string_view_literals;

TEST_CASE("subject: a subject is tokens between dots, with `*` alone and `>` alone and last",
          "[nats]") {
  for (const auto subject : Texts{"a", "a.b.c", "orders.*", "*", ">", "*.*.>", "a.*.c", "$JS.API.>",
                                  "größe.😀", "a-b_c/d:e", "a.\"b\"", "a\\b"}) {
    CAPTURE(subject);
    CHECK(valid_subject(subject));
  }
}

TEST_CASE("subject: what is not a subject is refused", "[nats]") {
  for (const auto subject : Texts{
           "",
           ".",
           "a.",
           ".a",
           "a..b",
           "a.>.b",
           ">.a",
           ">.>",
           "a.b>",
           "a.>b",
           "a.*b",
           "a.b*",
           "**",
           ">>",
           "a b",
           " a",
           "a ",
           "a\tb",
           "a\nb",
           "a\0b"sv,
           "a queue",
           "a\xC2\xA0queue",      // no-break space
           "a\xE1\x9A\x80queue",  // ogham space mark
           "a\xE2\x80\x83queue",  // em space
           "a\xE2\x80\xAFqueue",  // narrow no-break space
           "a\xE2\x81\x9Fqueue",  // medium mathematical space
           "a\xE3\x80\x80queue",  // ideographic space
           "a\xC2\x85queue",      // next line
           "a\xE2\x80\xAE",       // right-to-left override
           "a\xFF",               // not UTF-8
           "a\x7F",
       }) {
    CAPTURE(subject);
    CHECK_FALSE(valid_subject(subject));
  }
}

TEST_CASE("subject: a subject has at most 255 bytes", "[nats]") {
  CHECK(valid_subject(std::string(255, 'a')));
  CHECK_FALSE(valid_subject(std::string(256, 'a')));
  CHECK_FALSE(valid_subject(std::string(1'000'000, 'a')));
}

TEST_CASE(
    "subject: a name is printable ASCII without white space and what means something in a subject",
    "[nats]") {
  for (const auto name : Texts{"a", "ORDERS", "my-stream_2", "{S}", "$G", "a:b", "1"}) {
    CAPTURE(name);
    CHECK(valid_name(name));
  }
  for (const auto name : Texts{"", "a.b", "a*", "*", ">", "a/b", "a\\b", "a b", " ", "a\t", "a\n",
                               "a\0"sv, "a\x7F", "\x80", "é"}) {
    CAPTURE(name);
    CHECK_FALSE(valid_name(name));
  }
  CHECK(valid_name(std::string(128, 'n')));
  CHECK_FALSE(valid_name(std::string(129, 'n')));
}

TEST_CASE("subject: a subject covers another when it matches all that the other matches",
          "[nats]") {
  struct Row {
    std::string_view outer;
    std::string_view inner;
    bool covered;
  };
  const Row rows[] = {
      {"a", "a", true},
      {"a", "b", false},
      {"a", "A", false},
      {"a", "a.b", false},
      {"a.b", "a", false},
      {"a", "ab", false},
      {"ab", "a", false},
      {"a.b.c", "a.b.c", true},
      {"a", "*", false},
      {"a", ">", false},
      {"*", "a", true},
      {"*", "*", true},
      {"*", ">", false},
      {"*", "a.b", false},
      {"*.*", "a.b", true},
      {"*.*", "a.*", true},
      {"*.*", "a.>", false},
      {"*.b", "a.b", true},
      {"*.b", "*.b", true},
      {"*.b", "*.*", false},
      {"*.b", "a.c", false},
      {"a.*", "a.b", true},
      {"a.*", "a.*", true},
      {"a.*", "a", false},
      {"a.*", "a.b.c", false},
      {"a.*", "*.b", false},
      {"a.*.c", "a.b.c", true},
      {"a.*.c", "a.*.c", true},
      {"a.*.c", "a.*.*", false},
      {"a.*.c", "a.>", false},
      {">", "a", true},
      {">", "a.b.c", true},
      {">", "*", true},
      {">", "*.>", true},
      {">", ">", true},
      {"a.>", "a", false},
      {"a.>", "a.b", true},
      {"a.>", "a.b.c.d", true},
      {"a.>", "a.*", true},
      {"a.>", "a.*.c", true},
      {"a.>", "a.>", true},
      {"a.>", "a.b.>", true},
      {"a.b.>", "a.>", false},
      {"a.b.>", "a.b", false},
      {"a.>", "b.c", false},
      {"a.>", "*.b", false},
      {"a.>", ">", false},
      {"*.>", "a.b", true},
      {"*.>", "a", false},
      {"*.>", "a.>", true},
      {"*.>", ">", false},
      {"a.*.>", "a.b.c", true},
      {"a.*.>", "a.b", false},
      {"a.*.>", "a.>", false},
      {"a.*.>", "a.b.>", true},
      {"$JS.ACK.*.*.S.>", "$JS.ACK.d.h.S.c.1", true},
      {"$JS.ACK.*.*.S.>", "$JS.ACK.S.c.1.2.3.4.5", false},
      {"_INBOX.>", "_INBOX_CG.x", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.outer, row.inner);
    CHECK(covers(row.outer, row.inner) == row.covered);
  }
}

// Seen of nats-server 2.10.27 and 2.15.1.
TEST_CASE("subject: a permission matches the tokens that a client writes, wildcards too",
          "[nats]") {
  struct Row {
    std::string_view entry;
    std::string_view subject;
    bool matched;
  };
  const Row rows[] = {
      {"a.*", "a.x", true},     {"a.*", "a.*", true},     {"a.*", "a.>", true},
      {"a.*", "a.x*", true},    {"a.*", "a.x.y", false},  {"a.*", "a", false},
      {"a.x", "a.*", false},    {"a.x", "a.>", false},    {"b.>", "b.>", true},
      {"b.>", "b.*", true},     {"b.>", "b.>.y", true},   {"b.>", "b", false},
      {"b.*.y", "b.>.y", true}, {"b.*.y", "b.*.y", true}, {"b.no.*", "b.no.>", true},
      {"*", ">", true},         {"*", "a.>", false},      {"*.x.y", "b.*.y", false},
      {"a.*.>", "a.>", false},  {">", "a.*.>", true},     {"a.*", "b.>", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.entry, row.subject);
    CHECK(matches(row.entry, row.subject) == row.matched);
  }
}

TEST_CASE("subject: a client publishes to any tokens that are not empty", "[nats]") {
  for (const std::string_view good :
       {"a", "a.*", "a.>", "a.>.b", "a.x*", "$JS.API.CONSUMER.CREATE.KV_cfg.x.$KV.cfg.>"}) {
    CAPTURE(good);
    CHECK(valid_published(good));
  }
  for (const std::string_view bad : {"", ".", "a.", ".a", "a..b", "a b", "a\tb", "a\nb",
                                     "a\xC2\xA0"
                                     "b",
                                     "a\xFF"}) {
    CAPTURE(bad);
    CHECK_FALSE(valid_published(bad));
  }
  CHECK(valid_published(std::string(2048, 'x')));
  CHECK_FALSE(valid_published(std::string(2049, 'x')));
}

// Every text of one to `length` of these tokens.
Strings combinations(const Texts& tokens, std::size_t length) {
  Strings all;
  Strings last{""};
  for (std::size_t i = 0; i < length; ++i) {
    Strings next;
    for (const auto& start : last) {
      for (const auto token : tokens) {
        next.push_back(start);
        if (i > 0) next.back() += '.';
        next.back() += token;
      }
    }
    all.insert(all.end(), next.begin(), next.end());
    last = std::move(next);
  }
  return all;
}

TEST_CASE("subject: a subject covers another exactly when no subject tells them apart", "[nats]") {
  Strings patterns = combinations({"a", "b", "*", ">"}, 3);
  std::erase_if(patterns, [](const auto& pattern) { return !valid_subject(pattern); });
  const Strings plain = combinations({"a", "b", "c"}, 4);
  for (const auto& outer : patterns) {
    for (const auto& inner : patterns) {
      const bool nothing_missed = std::ranges::all_of(plain, [&](const auto& subject) {
        return !covers(inner, subject) || covers(outer, subject);
      });
      if (covers(outer, inner) != nothing_missed) FAIL(outer << " and " << inner);
    }
  }
}

TEST_CASE("subject: printable text is UTF-8 in which nothing moves the cursor or turns the line",
          "[nats]") {
  for (const auto text :
       Texts{"", "plain", "with space", "Grüße", "日本語", "שלום", "😀", "\xC2\xA0", "\xEF\xBF\xBD",
             "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80"}) {
    CAPTURE(text);
    CHECK(printable(text));
  }
  for (const auto text : Texts{
           "\0"sv, "a\nb", "\x1B[31m", "\x1F", "\x7F", "\xC2\x80", "\xC2\x9F",
           "\xD8\x9C",      // Arabic letter mark
           "\xE2\x80\x8E",  // left-to-right mark
           "\xE2\x80\x8F",  // right-to-left mark
           "\xE2\x80\xA8",  // line separator
           "\xE2\x80\xA9",  // paragraph separator
           "\xE2\x80\xAA",  // left-to-right embedding
           "\xE2\x80\xAE",  // right-to-left override
           "\xE2\x81\xA6",  // left-to-right isolate
           "\xE2\x81\xA9",  // pop directional isolate
       }) {
    CAPTURE(text);
    CHECK_FALSE(printable(text));
  }
}

TEST_CASE("subject: visible text has no white space but a space, and nothing without a glyph",
          "[nats]") {
  for (const auto text : Texts{"", "plain", "with space", "Grüße", "日本語", "שלום", "😀"}) {
    CAPTURE(text);
    CHECK(visible(text));
  }
  for (const auto text : Texts{
           "a\nb",
           "\xFF",
           "\xC2\xA0",          // no-break space
           "\xC2\xAD",          // soft hyphen
           "\xCD\x8F",          // combining grapheme joiner
           "\xD8\x9C",          // Arabic letter mark
           "\xE1\x85\x9F",      // Hangul filler
           "\xE1\xA0\x8E",      // Mongolian vowel separator
           "\xE2\x80\x83",      // em space
           "\xE2\x80\x8B",      // zero-width space
           "\xE2\x80\x8D",      // zero-width joiner
           "\xE2\x81\xA0",      // word joiner
           "\xE2\xA0\x80",      // blank Braille pattern
           "\xE3\x80\x80",      // ideographic space
           "\xE3\x85\xA4",      // Hangul filler
           "\xEF\xB8\x8F",      // variation selector
           "\xEF\xBB\xBF",      // zero-width no-break space
           "\xEF\xBF\xB9",      // interlinear annotation anchor
           "\xF0\x9D\x85\xB3",  // musical format character
           "\xF3\xA0\x81\xA1",  // tag
           "\xF3\xA0\x87\xAF",  // variation selector 256
       }) {
    CAPTURE(text);
    CHECK_FALSE(visible(text));
  }
}

TEST_CASE("subject: text that is not UTF-8 is not printable", "[nats]") {
  for (const auto text : Texts{
           "\x80",  // a continuation alone
           "\xBF",
           "a\xC3",  // cut off
           "\xE2\x82",
           "\xF0\x9F\x98",
           "\xC3\x28",  // no continuation
           "\xE2\x28\xA1",
           "\xE2\x82\x28",
           "\xC0\xAF",  // two bytes for what needs one
           "\xC1\xBF",
           "\xE0\x9F\xBF",      // three for two
           "\xF0\x8F\xBF\xBF",  // four for three
           "\xED\xA0\x80",      // surrogates
           "\xED\xBF\xBF",
           "\xF4\x90\x80\x80",  // beyond U+10FFFF
           "\xF8\x88\x80\x80\x80",
           "\xFC\x84\x80\x80\x80\x80",
           "\xFE",
           "\xFF",
       }) {
    CAPTURE(text);
    CHECK_FALSE(printable(text));
  }
}

}  // namespace
}  // namespace auth
