#include "auth/base/ip_range.h"

#include <string_view>
#include <vector>

#include "tests/support/catch.h"

namespace auth {
namespace {

using Texts = std::vector<std::string_view>;

bool holds(std::string_view cidr, std::string_view address) {
  return contains(read_cidr(cidr).value(), read_address(address).value());
}

TEST_CASE("ip_range: an address is read in its IPv4 and its IPv6 form", "[base]") {
  const Address loopback4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1};
  const Address documentation{0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0A};
  CHECK(read_address("127.0.0.1") == loopback4);
  CHECK(read_address("::ffff:127.0.0.1") == loopback4);
  CHECK(read_address("::FFFF:7F00:1") == loopback4);
  CHECK(read_address("2001:db8::a") == documentation);
  CHECK(read_address("2001:0DB8:0:0:0:0:0:000A") == documentation);
  CHECK(read_address("::") == Address{});
}

TEST_CASE("ip_range: what is not exactly an address is not read as one", "[base]") {
  using namespace std::string_view_literals;
  for (const auto text : Texts{
           "",
           " ",
           "10.0.0.1 ",
           " 10.0.0.1",
           "10.0.0.1\n",
           "10.0.0.1\0"sv,
           "10.0.0.1\0.evil"sv,
           "10.0.0",
           "10.0.0.",
           "10.0.0.0.1",
           "10.0.0.256",
           "10.0.0.01",
           "010.0.0.1",
           "0x0a.0.0.1",
           "10.0.0.-1",
           "10.0.0.+1",
           "167772161",
           "10.0.0.1:4222",
           "10.0.0.1/32",
           ":",
           ":::",
           "1::2::3",
           "1:2:3:4:5:6:7",
           "1:2:3:4:5:6:7:8:9",
           "12345::",
           "g::",
           "[::1]",
           "[::1]:4222",
           "fe80::1%eth0",
           "::ffff:10.0.0.01",
           "::ffff:10.0.0.256",
           "localhost",
           "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa",
       }) {
    CAPTURE(text);
    CHECK_FALSE(read_address(text));
  }
}

TEST_CASE("ip_range: a range is written in one form, however it was read", "[base]") {
  struct Row {
    std::string_view text;
    std::string written;
  };
  const Row rows[] = {
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"10.1.2.3", "10.1.2.3/32"},
      {"10.1.2.3/32", "10.1.2.3/32"},
      {"10.1.2.2/31", "10.1.2.2/31"},
      {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
      {"::ffff:10.1.2.3", "10.1.2.3/32"},
      {"::ffff:0:0/96", "0.0.0.0/0"},
      {"2001:DB8::/32", "2001:db8::/32"},
      {"2001:db8:0:0::1", "2001:db8::1/128"},
      {"2001:db8::1/128", "2001:db8::1/128"},
      {"8000::/1", "8000::/1"},
      {"::/0", "::/0"},
      {"::", "::/128"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto cidr = read_cidr(row.text);
    REQUIRE(cidr);
    CHECK(write_cidr(*cidr) == row.written);
    CHECK(read_cidr(row.written) == cidr);
  }
}

TEST_CASE("ip_range: the bits of an IPv4 range are counted in the IPv6 form", "[base]") {
  CHECK(read_cidr("10.0.0.0/8").value().bits == 104);
  CHECK(read_cidr("0.0.0.0/0").value().bits == 96);
  CHECK(read_cidr("10.0.0.1").value().bits == 128);
}

TEST_CASE("ip_range: what is not exactly a range is not read as one", "[base]") {
  using namespace std::string_view_literals;
  for (const auto text : Texts{
           "",
           "/",
           "/8",
           "10.0.0.0/",
           "10.0.0.0/33",
           "10.0.0.0/104",
           "10.0.0.0/128",
           "10.0.0.0/256",
           "10.0.0.0/99999999999999999999",
           "10.0.0.0/08",
           "10.0.0.0/+8",
           "10.0.0.0/-8",
           "10.0.0.0/ 8",
           "10.0.0.0/8 ",
           " 10.0.0.0/8",
           "10.0.0.0 /8",
           "10.0.0.0/8/8",
           "10.0.0.0/8\0"sv,
           "10.0.0.0\0/8"sv,
           "10.0.0.0/0x8",
           "10.0.0.0/255.0.0.0",
           "10/8",
           "10.0.0.00/8",
           "2001:db8::/129",
           "2001:db8::/032",
           "2001:db8::/",
           "2001:db8::%1/32",
           "::ffff:10.0.0.0/129",
       }) {
    CAPTURE(text);
    CHECK_FALSE(read_cidr(text));
  }
}

TEST_CASE("ip_range: a range with a host bit set is refused", "[base]") {
  for (const auto text :
       Texts{"10.1.2.3/8", "10.0.0.1/31", "0.0.0.1/0", "128.0.0.0/0", "2001:db8::1/32",
             "2001:db8::1/127", "::1/0", "::ffff:10.0.0.1/104", "::ffff:0:0/8"}) {
    CAPTURE(text);
    CHECK_FALSE(read_cidr(text));
  }
}

TEST_CASE("ip_range: a range holds its first and its last address and not their neighbours",
          "[base]") {
  CHECK(holds("10.1.128.0/17", "10.1.128.0"));
  CHECK(holds("10.1.128.0/17", "10.1.255.255"));
  CHECK_FALSE(holds("10.1.128.0/17", "10.1.127.255"));
  CHECK_FALSE(holds("10.1.128.0/17", "10.2.0.0"));
  CHECK(holds("2001:db8::/33", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"));
  CHECK_FALSE(holds("2001:db8::/33", "2001:db8:8000::"));
  CHECK(holds("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(holds("192.0.2.1", "192.0.2.0"));
  CHECK_FALSE(holds("192.0.2.1", "192.0.2.2"));
}

TEST_CASE("ip_range: an IPv4-mapped address counts as its IPv4 one", "[base]") {
  CHECK(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
  CHECK(holds("::ffff:10.0.0.0/104", "10.1.2.3"));
  CHECK_FALSE(holds("10.0.0.0/8", "::10.1.2.3"));
}

TEST_CASE("ip_range: every IPv4 range leaves IPv6 out, and ::/0 is everybody", "[base]") {
  CHECK(holds("0.0.0.0/0", "255.255.255.255"));
  CHECK_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  CHECK_FALSE(holds("0.0.0.0/0", "::1"));
  CHECK(holds("::/0", "10.1.2.3"));
  CHECK(holds("::/0", "2001:db8::1"));
}

TEST_CASE(
    "ip_range: of all lengths of a range exactly those that end before a flipped bit hold the "
    "address",
    "[base]") {
  const Address address = read_address("2001:db8:dead:beef:0123:4567:89ab:cdef").value();
  for (std::size_t bit = 0; bit < 128; ++bit) {
    Address flipped = address;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (0x80U >> (bit % 8)));
    for (std::uint8_t bits = 0; bits <= 128; ++bits) {
      // contains() does not look at host bits, so the address need not be cleared of them.
      if (contains(Cidr{address, bits}, flipped) != (bits <= bit)) FAIL(bit << " of " << int{bits});
    }
  }
}

}  // namespace
}  // namespace auth
