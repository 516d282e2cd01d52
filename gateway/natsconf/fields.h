#pragma once
// The fields of one map of a nats-server configuration, read as server/opts.go reads them: in any
// case, under several names.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/natsconf/parser.h"

namespace gateway {

// What cannot be taken over as it is. The message has no value in it: it may be a password.
struct NatsProblem {
  std::string file;
  std::size_t line = 0;
  std::string message;
};

class NatsProblems {
 public:
  static constexpr std::size_t kMost = 1'000;

  // The last of kMost says that more of them follow.
  void add(const NatsValue& at, std::string message);
  // Against variables and defaults that many share: throws ConfigError once all that was read comes
  // to more than a configuration written by hand.
  void consume(const NatsValue& at, std::size_t cost);
  std::vector<NatsProblem> list;

 private:
  std::size_t spent_ = 0;
};

// Whatever is wrong becomes a problem, and good() false.
class NatsFields {
 public:
  // `of` and `problems` must outlive it. Where `of` is no map: a problem, and no fields.
  NatsFields(const NatsValue& of, NatsProblems& problems);

  // By any of its names, in lower case; nullptr where there is none. Two at once are a problem:
  // nats-server takes the one that Go's map happens to give last.
  const NatsValue* take(std::initializer_list<std::string_view> names);
  // Empty where there is none. Lives as long as the configuration: a password is not copied here.
  std::string_view text(std::initializer_list<std::string_view> names);
  // For each field that nobody took, unless a variable refers to it.
  void finish();

  void fail(const NatsValue& at, std::string message);
  void spoil() { good_ = false; }  // for a problem that is told already
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
