#include "store/head_note.h"

#include <algorithm>

#include "auth/base/base64.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

HeadNote test_note() {
  HeadNote note{.store_id = "STABC", .head = {.sequence = 57}, .complete_from = 12, .shutouts = {}};
  note.head.hash.fill(5);
  note.timeline.fill(6);
  note.shutouts = {{90, Action::revoke, test_id(4), true},
                   {13, Action::revoke, test_id(1)},
                   {20, Action::suspend, test_id(2)},
                   {21, Action::resume, test_id(2)},
                   {57, Action::rotate, test_id(3)}};
  return note;
}

auth::MasterKey other_key() {
  std::array<std::uint8_t, 32> entropy{};
  entropy.fill(8);
  return auth::MasterKey{entropy};
}

// Signed as it stands.
std::string with_mac(const std::string& text, const auth::MasterKey& key) {
  return text + "mac " + auth::write_base64url(key.sign_head(text)) + "\n";
}

std::string lines_of(const std::string& note) {
  return note.substr(0, note.find("mac "));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("head_note: what was written is read, with the key that signed it", "[store]") {
  const auto keys = test_keys();
  const HeadNote note = test_note();
  const auto read = read_note(write_note(note, keys.current()), keys);
  REQUIRE(read);
  CHECK(read->key == &keys.current());
  CHECK(read->note.store_id == note.store_id);
  CHECK(read->note.head == note.head);
  CHECK(read->note.timeline == note.timeline);
  CHECK(read->note.complete_from == note.complete_from);
  CHECK(read->note.shutouts == note.shutouts);
}

TEST_CASE("head_note: it is a text that people can read", "[store]") {
  const auto keys = test_keys();
  CHECK(lines_of(write_note(test_note(), keys.current())) ==
        "credgate-head 1\n"
        "key " +
            keys.current().key_id() +
            "\n"
            "store STABC\n"
            "head 57 BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU\n"
            "timeline BgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgY\n"
            "complete-from 12\n"
            "revoke 90 " +
            test_id(4) + " earlier\nrevoke 13 " + test_id(1) + "\nsuspend 20 " + test_id(2) +
            "\nresume 21 " + test_id(2) + "\nrotate 57 " + test_id(3) + "\n");
}

TEST_CASE("head_note: a note that was altered, cut or signed by another key is not read",
          "[store]") {
  const auto keys = test_keys();
  const std::string good = write_note(test_note(), keys.current());
  REQUIRE(read_note(good, keys));
  CHECK_FALSE(read_note(write_note(test_note(), other_key()), keys));
  CHECK_FALSE(read_note(replaced(good, "head 57", "head 56"), keys));
  CHECK_FALSE(read_note(good + "\n", keys));
  CHECK_FALSE(read_note(good + good, keys));
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(read_note(good.substr(0, size), keys));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    CHECK_FALSE(read_note(bad, keys));
  }
}

TEST_CASE("head_note: what is signed and not in its form is not read", "[store]") {
  const auto keys = test_keys();
  const std::string good = lines_of(write_note(test_note(), keys.current()));
  REQUIRE(read_note(with_mac(good, keys.current()), keys));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"credgate-head 1", "credgate-head 2"},
           {"key ", "keys "},
           {"store STABC", "store"},
           {"store STABC", "store ST ABC"},
           {"head 57 ", "head 57 A"},
           {"head 57", "head -1"},
           {"head 57", "head 99999999999999999999"},
           {"timeline BgY", "timeline Bg"},
           {"timeline BgY", "timelines BgY"},
           {"earlier", "later"},
           {"earlier", "earlier earlier"},
           {"complete-from 12", "complete-from x"},
           {"complete-from 12\n", ""},
           {"revoke 13", "create 13"},
           {"revoke 13", "revoke  13"},
           {"revoke 13", "revoke 13x"},
           {"revoke 13 CG", "revoke 13 XX"},
       }) {
    CAPTURE(from, to);
    CHECK_FALSE(read_note(with_mac(replaced(good, from, to), keys.current()), keys));
  }
}

TEST_CASE("head_note: the newest are kept, and what is complete begins after the dropped",
          "[store]") {
  HeadNote note = test_note();
  note.shutouts.clear();
  for (std::uint64_t i = 1; i <= kMaxShutouts; ++i)
    note.shutouts.push_back({100 + i, Action::revoke, test_id(static_cast<std::uint32_t>(i))});
  bound(note);
  CHECK(note.shutouts.size() == kMaxShutouts);
  CHECK(note.complete_from == 12);
  note.shutouts.push_back({9000, Action::revoke, test_id(9000)});
  bound(note);
  CHECK(note.shutouts.size() == kMaxShutouts);
  CHECK(note.shutouts.front().sequence == 102);
  CHECK(note.complete_from == 101);
  const auto keys = test_keys();
  const std::string text = write_note(note, keys.current());
  CHECK(text.size() < kMaxNoteBytes);
  CHECK(read_note(text, keys));
}

TEST_CASE("head_note: who makes many other changes pushes out no revocation", "[store]") {
  HeadNote note = test_note();
  note.shutouts = {{9, Action::revoke, test_id(1), true}, {13, Action::revoke, test_id(2)}};
  // 1400 credentials of one's own.
  std::uint64_t sequence = 100;
  for (const Action action : {Action::suspend, Action::rotate, Action::revoke, Action::suspend}) {
    for (std::uint32_t n = 1000; n < 2400; ++n)
      note.shutouts.push_back({++sequence, action, test_id(n)});
    bound(note);
  }
  CHECK(note.shutouts.size() <= kMaxShutouts);
  CHECK(note.shutouts[0] == Shutout{9, Action::revoke, test_id(1), true});
  CHECK(note.shutouts[1] == Shutout{13, Action::revoke, test_id(2)});
  CHECK(std::ranges::count(note.shutouts, Action::revoke, &Shutout::action) == 1402);
}

TEST_CASE("head_note: of what is too much, any revocation goes last", "[store]") {
  HeadNote note = test_note();
  note.shutouts = {{9, Action::rotate, test_id(1), true},
                   {13, Action::revoke, test_id(2)},
                   {20, Action::suspend, test_id(3)},
                   {21, Action::rotate, test_id(4)}};
  for (std::uint32_t n = 0; n < kMaxShutouts - 2; ++n)
    note.shutouts.push_back({100 + n, Action::revoke, test_id(1000 + n)});
  bound(note);
  CHECK(note.shutouts.size() == kMaxShutouts);
  CHECK(note.shutouts[0] == Shutout{13, Action::revoke, test_id(2)});
  CHECK(note.shutouts[1] == Shutout{21, Action::rotate, test_id(4)});
  CHECK(note.complete_from == 20);
}

TEST_CASE("head_note: one credential that is suspended and resumed pushes out no other",
          "[store]") {
  HeadNote note = test_note();
  note.shutouts = {{13, Action::revoke, test_id(1)},
                   {14, Action::rotate, test_id(2)},
                   {15, Action::suspend, test_id(3)}};
  for (std::uint64_t i = 0; i < kMaxShutouts; ++i) {
    note.shutouts.push_back({100 + i, i % 2 == 0 ? Action::suspend : Action::resume, test_id(2)});
    bound(note);
  }
  note.shutouts.push_back({9000, Action::rotate, test_id(2)});
  note.shutouts.resize(kMaxShutouts + 1, {9001, Action::rotate, test_id(2)});
  bound(note);
  CHECK(note.complete_from == 12);
  REQUIRE(note.shutouts.size() == 4);
  CHECK(note.shutouts[0] == Shutout{13, Action::revoke, test_id(1)});
  CHECK(note.shutouts[1] == Shutout{15, Action::suspend, test_id(3)});
  CHECK(note.shutouts[2] == Shutout{100 + kMaxShutouts - 1, Action::resume, test_id(2)});
  CHECK(note.shutouts[3] == Shutout{9001, Action::rotate, test_id(2)});
}

TEST_CASE("head_note: the key that it names is read from a note of another key", "[store]") {
  CHECK(claimed_key(write_note(test_note(), other_key())) == other_key().key_id());
  for (const char* text :
       {"", "\n", "credgate-head 1\n", "credgate-head 1\nkey \n",
        "credgate-head 1\nkey 0123456789abcdeg\n", "credgate-head 1\nkey 0123456789abcdef0\n",
        "credgate-head 1\nstore 0123456789abcdef\n"}) {
    CAPTURE(text);
    CHECK(claimed_key(text).empty());
  }
}

TEST_CASE("head_note: a store's id cannot add lines to what is signed", "[store]") {
  const auto keys = test_keys();
  HeadNote note = test_note();
  note.store_id = "ST\nhead 1";
  CHECK_THROWS_AS(write_note(note, keys.current()), Fault);
}

}  // namespace
}  // namespace store
