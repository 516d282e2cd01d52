#pragma once
// Files that are written whole or not at all.

#include <filesystem>
#include <string_view>

#include <sys/types.h>

namespace gateway::cli {

// A new file. Throws Failure: conflict where there is one already.
void write_file(const std::filesystem::path& path, mode_t mode, std::string_view text);

// Puts another text into the place of an existing file, with its mode and owner; whoever opens it
// sees the old text or the new one. Throws Failure.
void replace_file(const std::filesystem::path& path, std::string_view text);

[[noreturn]] void fail_at(const std::filesystem::path& path);

}  // namespace gateway::cli
