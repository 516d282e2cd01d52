#pragma once
// Validates NATS subjects and names. nats-server accepts `a.>.b` in a permission but never matches
// it, so credgate checks subjects before it stores them.
// Source: docs.nats.io "Subject-Based Messaging"; nats-server `sublist.go`; ADR-6 (naming rules).

#include <string_view>

namespace auth {

inline constexpr std::size_t kMaxSubjectBytes = 255;
inline constexpr std::size_t kMaxNameBytes = 128;
inline constexpr std::size_t kMaxLoginBytes = 255;

// Tokens between dots, none of them empty; `*` as a whole token; `>` as the whole last one;
// printable, no white space (Unicode's included: nats-server separates a subject from a queue name
// there), at most kMaxSubjectBytes.
bool valid_subject(std::string_view subject);

// What a client may publish to: the tokens are not empty and otherwise anything, so that a filter
// with wildcards may be part of it, as in the subjects that create consumers.
inline constexpr std::size_t kMaxPublishedBytes = 2048;
bool valid_published(std::string_view subject);

// A stream, consumer or account name: 1 to kMaxNameBytes of printable ASCII without white space,
// `.`, `*`, `>`, `/`, `\`.
bool valid_name(std::string_view name);

// Printable, and nothing that cannot be seen: no zero-width and other format characters, no white
// space but U+0020. Different characters may still look alike.
bool visible(std::string_view text);

// The user name of a password: 1 to kMaxLoginBytes, printable.
bool valid_login(std::string_view login);

// Whether `outer` matches every subject that `inner` matches; both must be valid and may have
// wildcards.
bool covers(std::string_view outer, std::string_view inner);

// Whether nats-server finds `subject`, of a client that publishes or subscribes, in an entry of its
// permissions: each token of the subject counts as it stands, so that the entry's `*` matches a
// `*`, and a `>` too. Whoever may subscribe to `a.*` may therefore subscribe to `a.>`.
// Source: nats-server `sublist.go` matchLevel; seen on 2.10.27 and 2.15.1.
bool matches(std::string_view entry, std::string_view subject);

// Whether some subject matches both.
bool overlaps(std::string_view a, std::string_view b);

// Valid UTF-8 without control characters (C0, DEL, C1, U+2028, U+2029, bidirectional controls):
// safe in a log, a table and a JSON text.
bool printable(std::string_view text);

}  // namespace auth
