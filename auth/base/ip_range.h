#pragma once
// Ranges of client addresses. nats-server does not enforce a user JWT's `src`; credgate does.
// Source: RFC 4632, RFC 4291; IPv4-mapped IPv6 addresses (::ffff:0:0/96) count as their IPv4 ones.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// An address in the IPv6 space; IPv4 lives under ::ffff:0:0/96.
using Address = std::array<std::uint8_t, 16>;

struct Cidr {
  Address address{};
  std::uint8_t bits = 128;  // of the IPv6 form: an IPv4 /8 is 104
  bool operator==(const Cidr&) const = default;
};

// The socket address that the server reports: no port, no brackets, no zone.
std::optional<Address> read_address(std::string_view text);

// In IPv4 form if it is an IPv4 address.
std::string write_address(const Address& address);

// "10.0.0.0/8", "2001:db8::/32", or a single address. Absent for anything else, and if a host bit
// is set: whoever writes 10.1.2.3/8 did not mean 10.0.0.0/8.
std::optional<Cidr> read_cidr(std::string_view text);
// Always with the prefix length: "10.0.0.1/32". IPv4 if the range lies in ::ffff:0:0/96.
std::string write_cidr(const Cidr& cidr);

// An IPv6 range shorter than /96 may contain IPv4 addresses too: ::/0 matches every address.
bool contains(const Cidr& cidr, const Address& address);

bool is_ipv4(const Address& address);

}  // namespace auth
