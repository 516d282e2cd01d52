#pragma once
// The outcome of an operation that an outsider can make fail. A refusal is a value: it cannot be
// ignored, and it cannot be mistaken for success. Faults (disk, memory, network) are exceptions
// instead.

#include <utility>
#include <variant>

namespace auth {

// `*result` of a refusal throws std::bad_variant_access, so a forgotten check fails closed.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return Deny::expired;` both read as they mean.
  // NOLINTBEGIN(google-explicit-constructor)
  Result(T value) : either_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : either_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  explicit operator bool() const { return either_.index() == 0; }
  T& operator*() & { return std::get<0>(either_); }
  const T& operator*() const& { return std::get<0>(either_); }
  T&& operator*() && { return std::get<0>(std::move(either_)); }
  T* operator->() { return &std::get<0>(either_); }
  const T* operator->() const { return &std::get<0>(either_); }
  const E& error() const { return std::get<1>(either_); }

 private:
  std::variant<T, E> either_;
};

}  // namespace auth
