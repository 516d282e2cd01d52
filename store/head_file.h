#pragma once
// The file that the head is noted in, outside the store: `head` in a directory of its own, in which
// processes take turns by a lock. It changes places with `head.new`, which was written before, so
// that a crash leaves the one or the other; and both have blocks of the disk for what is to come,
// so that a full disk does not keep a revocation from being noted.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace store {

class HeadFile {
 public:
  explicit HeadFile(std::filesystem::path directory);

  const std::filesystem::path& directory() const { return directory_; }

  // Absent where there is none. Waits for nobody. Throws Fault where it cannot be read.
  std::optional<std::string> read() const;

  // Held until its end. Makes the directory if it is missing. Throws Fault, also where another
  // process, which may be stopped, keeps it for two seconds.
  class Lock {
   public:
    explicit Lock(const HeadFile& file);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    int fd_;
  };

  // On disk when this returns. Throws Fault, and then the file is as it was.
  void write(std::string_view text, const Lock& held) const;

 private:
  [[noreturn]] void fail(std::string_view step) const;
  [[noreturn]] void fail_writing(int directory) const;
  std::optional<std::string> read_once() const;

  const std::filesystem::path directory_;
};

}  // namespace store
