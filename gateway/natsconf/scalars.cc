#include <chrono>
#include <optional>

#include "auth/base/hex.h"
#include "auth/base/text.h"
#include "gateway/natsconf/chars.h"
#include "gateway/natsconf/lexer.h"

namespace gateway {
namespace {

bool is_boolean(std::string_view text) {
  if (text.size() > 5) return false;
  const std::string word = auth::lower_case(text);
  return word == "true" || word == "yes" || word == "on" || word == "false" || word == "no" ||
         word == "off";
}

// Go's time.Parse("2006-01-02T15:04:05Z").
bool is_date(std::string_view text) {
  static constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) return false;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char digit : text.substr(at, size))
      value = 10 * value + (digit - '0');
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year{number(0, 4)},
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return day.ok() && number(11, 2) < 24 && number(14, 2) < 60 && number(17, 2) < 60;
}

}  // namespace

// lexValue
NatsItem NatsLexer::value() {
  skip_blanks();
  const std::size_t line = line_;
  switch (peek()) {
    case '[':
      return open(Kind::array_start, Inside::array);
    case '{':
      return open(Kind::map_start, Inside::map);
    case '"':
      take();
      return done(Kind::text, double_quoted(), line);
    case '\'':
      return done(Kind::text, quoted(take()), line);
    case '(':
      return block(line);
    case '.':
      fail("a number must start with a digit; a string with a dot needs quotes");
    default:
      return peek() == '-' || is_digit(peek()) ? number(line) : bare(line, "");
  }
}

// lexQuotedString: nothing is resolved inside, new lines are part of it.
std::string NatsLexer::quoted(char quote) {
  const std::size_t line = line_;
  std::string text;
  while (at_ < text_.size() && peek() != quote)
    text += take();
  if (at_ == text_.size()) fail(line, "a string without its closing quote");
  take();
  return text;
}

// lexDubQuotedString
std::string NatsLexer::double_quoted() {
  const std::size_t line = line_;
  std::string text;
  while (at_ < text_.size() && peek() != '"')
    text += peek() == '\\' ? escape() : take();
  if (at_ == text_.size()) fail(line, "a string without its closing quote");
  take();
  return text;
}

// lexStringEscape, lexStringBinary
char NatsLexer::escape() {
  take();
  switch (take()) {
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case '"':
      return '"';
    case '\\':
      return '\\';
    case 'x':
      if (const auto high = auth::read_hex_digit(peek()), low = auth::read_hex_digit(peek(1));
          high && low) {
        take();
        take();
        return static_cast<char>(*high * 16 + *low);
      }
      break;
    default:
      break;
  }
  fail(R"(a backslash must be followed by t, n, r, ", \ or x and two hexadecimal digits)");
}

// lexString. What holds an escape, or ends at a single quote, is a text whatever it looks like.
NatsItem NatsLexer::bare(std::size_t line, std::string begun) {
  bool plain = begun.empty();
  std::string text = std::move(begun);
  while (at_ < text_.size() && !one_of(peek(), "\r\n;,]} \t'")) {
    if (peek() == '\\') plain = false;
    text += peek() == '\\' ? escape() : take();
  }
  if (peek() == '\'') {
    take();
    plain = false;
  }
  if (plain && is_boolean(text)) return done(Kind::boolean, std::move(text), line);
  if (plain && text.starts_with('$')) return done(Kind::variable, text.substr(1), line);
  return done(Kind::text, std::move(text), line);
}

// lexNumberOrDateOrStringOrIP, lexNegNumber, lexFloat, lexIPAddr, lexConvenientNumber. What begins
// with a digit and is not a number is a text.
NatsItem NatsLexer::number(std::size_t line) {
  std::string text;
  const auto take_all = [&](std::string_view set) {
    while (one_of(peek(), set))
      text += take();
  };
  static constexpr std::string_view kDigits = "0123456789";
  const bool negative = peek() == '-';
  if (negative) text += take();
  if (!is_digit(peek()))
    fail("a minus must be followed by a digit; a string with one needs quotes");
  take_all(kDigits);
  if (peek() == '-' && !negative) {
    take_all("0123456789-:TZ");
    if (!is_date(text)) fail("a date must be in full: 2006-01-02T15:04:05Z");
    return done(Kind::text, std::move(text), line);
  }
  if (peek() == '.') {
    text += take();
    if (!is_digit(peek())) fail("a dot in a number must be followed by a digit");
    take_all(kDigits);
    if (peek() != '.') return done(Kind::decimal, std::move(text), line);
    take_all("0123456789.:-");
    return done(Kind::text, std::move(text), line);
  }
  const auto ends_here = [this] { return at_ == text_.size() || one_of(peek(), "\r\n};, \t"); };
  if (one_of(peek(), "kKmMgGtTpPeE")) {
    text += take();
    take_all("bBiI");
    // A digit may follow too: 2.10.27 refuses such a file, and newer servers read a string.
    return ends_here() ? done(Kind::integer, std::move(text), line) : bare(line, std::move(text));
  }
  if (negative || ends_here()) return done(Kind::integer, std::move(text), line);
  // Here nats-server takes the next character, whatever it is: in "[1]" that is the bracket.
  text += take();
  return bare(line, std::move(text));
}

// lexBlock: to the first ")" that is alone on its line. nats-server takes one at the very end of
// the file into the text, so that is refused.
NatsItem NatsLexer::block(std::size_t line) {
  take();
  std::string text;
  while (at_ < text_.size()) {
    if (peek() == ')' && text.ends_with('\n') && peek(1) == '\n') {
      take();
      return done(Kind::text, std::move(text), line);
    }
    text += take();
  }
  fail(line, "\"(\" without a \")\" alone on its line, followed by a new line");
}

}  // namespace gateway
