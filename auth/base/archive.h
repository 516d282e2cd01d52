#pragma once
// The byte form of stored values. One function `fields(archive, value)` names a type's fields and
// their numbers, and serves for both writing and reading:
//
//   value  := field*                         numbers ascending, default values left out
//   field  := number(1 byte) varint(length) payload
//   payload: text: its bytes · integer, bool, enum, time: varint · list: (varint(length) payload)*
//            struct: value · optional: its value, the whole field absent for none
//   varint := 7 bits a byte, lowest first, high bit set on all but the last; no longer form
//             than needed
//
// A field number is never reused. A reader refuses an unknown field: a newer version wrote it, and
// ignoring a restriction would lift it.

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace auth {

class ArchiveWriter {
 public:
  template <class T>
  void operator()(std::uint8_t number, const T& value) {
    if (value == T{}) return;
    always(number, value);
  }
  // An optional stores whether it is present; a zero is a value.
  template <class T>
  void operator()(std::uint8_t number, const std::optional<T>& value) {
    if (value) always(number, *value);
  }
  std::string take() { return std::move(out_); }

 private:
  template <class T>
  void always(std::uint8_t number, const T& value) {
    out_.push_back(static_cast<char>(number));
    sized(payload(value));
  }
  void varint(std::uint64_t n) {
    for (; n >= 0x80; n >>= 7)
      out_.push_back(static_cast<char>((n & 0x7f) | 0x80));
    out_.push_back(static_cast<char>(n));
  }
  void sized(std::string_view bytes) {
    varint(bytes.size());
    out_.append(bytes);
  }

  static std::string payload(const std::string& text) { return text; }
  template <std::size_t N>
  static std::string payload(const std::array<std::uint8_t, N>& bytes) {
    return {bytes.begin(), bytes.end()};
  }
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  static std::string payload(const T& n) {
    ArchiveWriter inner;
    inner.varint(static_cast<std::uint64_t>(n));
    return inner.take();
  }
  static std::string payload(std::chrono::seconds n) { return payload(n.count()); }
  static std::string payload(std::chrono::sys_seconds at) { return payload(at.time_since_epoch()); }
  template <class T>
  static std::string payload(const std::vector<T>& list) {
    ArchiveWriter inner;
    for (const T& item : list)
      inner.sized(payload(item));
    return inner.take();
  }
  template <class T>
  static std::string payload(const T& value) {
    ArchiveWriter inner;
    fields(inner, value);
    return inner.take();
  }

  std::string out_;
};

// Reads hostile bytes: a length beyond the input is refused, so memory is bounded by a small
// multiple of the input.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view bytes) : rest_(bytes) { next(); }

  template <class T>
  void operator()(std::uint8_t number, T& value) {
    value = T{};
    if (!good_) return;
    if (number_ != number) {
      good_ = !std::is_enum_v<T>;  // no enumerator is zero, so an enum is never left out
      return;
    }
    good_ = read(payload_, value) && value != T{};  // a default value is never written
    next();
  }
  template <class T>
  void operator()(std::uint8_t number, std::optional<T>& value) {
    if (!good_ || number_ != number) return;
    good_ = read(payload_, value.emplace());
    next();
  }
  // Whether every byte belonged to a field that was asked for.
  bool complete() const { return good_ && number_ == 0; }

 private:
  // The next field's number and payload; number 0 at the end.
  void next() {
    number_ = 0;
    if (!good_ || rest_.empty()) return;
    number_ = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    good_ = number_ != 0 && sized(rest_, payload_);
  }

  static bool varint(std::string_view& in, std::uint64_t& n) {
    n = 0;
    for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(in.front());
      in.remove_prefix(1);
      n |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return (byte != 0 || shift == 0) && (shift < 63 || byte == 1);
    }
    return false;
  }
  static bool sized(std::string_view& in, std::string_view& payload) {
    std::uint64_t size = 0;
    if (!varint(in, size) || size > in.size()) return false;
    payload = in.substr(0, size);
    in.remove_prefix(size);
    return true;
  }

  static bool read(std::string_view in, std::string& text) {
    text = in;
    return true;
  }
  template <std::size_t N>
  static bool read(std::string_view in, std::array<std::uint8_t, N>& bytes) {
    if (in.size() != N) return false;
    for (std::size_t i = 0; i < N; ++i)
      bytes[i] = static_cast<std::uint8_t>(in[i]);
    return true;
  }
  template <std::integral T>
  static bool read(std::string_view in, T& n) {
    std::uint64_t wide = 0;
    if (!varint(in, wide) || !in.empty()) return false;
    n = static_cast<T>(wide);
    return n >= T{} && static_cast<std::uint64_t>(n) == wide;
  }
  // `last_enumerator(T)` is the highest valid value of the enum; values count from 1 without gaps.
  template <class T>
    requires std::is_enum_v<T>
  static bool read(std::string_view in, T& value) {
    std::uint8_t n = 0;
    if (!read(in, n) || n == 0 || n > static_cast<std::uint8_t>(last_enumerator(T{}))) return false;
    value = static_cast<T>(n);
    return true;
  }
  static bool read(std::string_view in, std::chrono::seconds& n) {
    std::int64_t count = 0;
    // A hundred thousand years: a larger value is damage, and would overflow in a sum.
    if (!read(in, count) || count > 3'155'760'000'000) return false;
    n = std::chrono::seconds{count};
    return true;
  }
  static bool read(std::string_view in, std::chrono::sys_seconds& at) {
    std::chrono::seconds since{};
    if (!read(in, since)) return false;
    at = std::chrono::sys_seconds{since};
    return true;
  }
  template <class T>
  static bool read(std::string_view in, std::vector<T>& list) {
    while (!in.empty()) {
      std::string_view item;
      if (!sized(in, item) || !read(item, list.emplace_back())) return false;
    }
    return true;
  }
  template <class T>
  static bool read(std::string_view in, T& value) {
    ArchiveReader inner{in};
    fields(inner, value);
    return inner.complete();
  }

  std::string_view rest_;
  std::string_view payload_;
  std::uint8_t number_ = 0;
  bool good_ = true;
};

}  // namespace auth
