#pragma once
// Reads the fields of a map in a nats-server configuration as server/opts.go does: in any case,
// under several names.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/natsconf/parser.h"

namespace gateway {

// Problems: settings that cannot be imported unchanged. Messages contain no values, which may be
// passwords.
struct NatsProblem {
  std::string file;
  std::size_t line = 0;
  std::string message;
};

class NatsProblems {
 public:
  static constexpr std::size_t kMaxProblems = 1'000;

  // After kMaxProblems problems, the last one says that there are more.
  void add(const NatsValue& at, std::string message);
  // Limits the expansion of shared variables and defaults: throws ConfigError once the values read
  // exceed any configuration written by hand.
  void consume(const NatsValue& at, std::size_t cost);
  std::vector<NatsProblem> list;

 private:
  std::size_t spent_ = 0;
};

// The items of an array, or the value itself: parseStringArray of server/opts.go takes one string
// for an array of it. Borrows `value`.
std::vector<const NatsValue*> items_of(const NatsValue& value);

// An error becomes a problem, and makes good() false.
class NatsFields {
 public:
  // Borrows `of` and `problems`. If `of` is not a map: a problem, and no fields.
  NatsFields(const NatsValue& of, NatsProblems& problems);

  // Finds a field by any of its names, in lower case; nullptr if there is none. Two at once are a
  // problem: nats-server takes the one that Go's map happens to return last.
  const NatsValue* take(std::initializer_list<std::string_view> names);
  // Empty if there is none. Borrows from the configuration, so that passwords are not copied.
  std::string_view text(std::initializer_list<std::string_view> names);
  // Adds a problem for each field that was not taken, unless a variable refers to it.
  void finish();

  void fail(const NatsValue& at, std::string message);
  void spoil() { good_ = false; }  // for a problem that is already in the list
  bool good() const { return good_; }
  const NatsValue& value() const { return of_; }
  NatsProblems& problems() { return problems_; }

 private:
  const NatsValue& of_;
  NatsProblems& problems_;
  std::vector<const NatsMap::value_type*> left_;
  std::vector<std::string_view> known_;
  bool good_ = true;
};

}  // namespace gateway
