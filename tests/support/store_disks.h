#pragma once
// What store_helper.cc does on disks that are full, or read-only: its modes, each with the
// arguments that are described there.

#include <cstdint>
#include <string>
#include <vector>

#include "store/store.h"

using Arguments = std::vector<std::string>;

void small_disk(const Arguments& arguments);
void file_limit(const Arguments& arguments);
void full_head(const Arguments& arguments);
void read_only(const Arguments& arguments);

// Of store_helper.cc.
std::uint32_t number(const std::string& text);
void say(const std::string& line);
std::string answer(const store::Store& store, const std::string& question);
