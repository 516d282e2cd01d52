#include "auth/base/ip_range.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace auth {
namespace {

constexpr Cidr kIpv4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0}, 96};
constexpr std::size_t kIpv4At = 12;

// Which bits of one byte of an address belong to the prefix.
std::uint8_t mask(std::uint8_t bits, std::size_t byte) {
  const int inside = std::clamp(int{bits} - 8 * static_cast<int>(byte), 0, 8);
  return static_cast<std::uint8_t>(0xFF << (8 - inside));
}

bool has_host_bits(const Cidr& cidr) {
  for (std::size_t i = 0; i < cidr.address.size(); ++i) {
    if ((cidr.address[i] & ~mask(cidr.bits, i)) != 0) return true;
  }
  return false;
}

std::optional<std::uint8_t> read_length(std::string_view text, std::uint8_t most) {
  std::uint8_t length = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, length);
  const bool zero_in_front = text.size() > 1 && text.front() == '0';
  if (fault != std::errc{} || stop != end || zero_in_front || length > most) return std::nullopt;
  return length;
}

}  // namespace

std::optional<Address> read_address(std::string_view text) {
  // inet_pton takes a C string, where a NUL would hide what comes after it.
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
  const std::string copy{text};
  Address address = kIpv4.address;
  if (inet_pton(AF_INET, copy.c_str(), &address[kIpv4At]) == 1) return address;
  if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::optional<Cidr> read_cidr(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = read_address(text.substr(0, slash));
  if (!address) return std::nullopt;

  const std::uint8_t outside = text.find(':') == text.npos ? kIpv4.bits : 0;
  const auto widest = static_cast<std::uint8_t>(128 - outside);
  const auto length = slash == text.npos ? widest : read_length(text.substr(slash + 1), widest);
  if (!length) return std::nullopt;

  const Cidr cidr{*address, static_cast<std::uint8_t>(outside + *length)};
  return has_host_bits(cidr) ? std::nullopt : std::optional{cidr};
}

std::string write_address(const Address& address) {
  const bool ipv4 = is_ipv4(address);
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(ipv4 ? AF_INET : AF_INET6, &address[ipv4 ? kIpv4At : 0], text.data(), text.size());
  return text.data();
}

std::string write_cidr(const Cidr& cidr) {
  const int outside = is_ipv4(cidr.address) ? kIpv4.bits : 0;
  return write_address(cidr.address) + "/" + std::to_string(cidr.bits - outside);
}

bool is_ipv4(const Address& address) {
  return contains(kIpv4, address);
}

bool contains(const Cidr& cidr, const Address& address) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (((cidr.address[i] ^ address[i]) & mask(cidr.bits, i)) != 0) return false;
  }
  return true;
}

}  // namespace auth
