#pragma once
// Catch2 is version 2 on Debian 12 and version 3 on Debian 13; here the difference ends.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using namespace Catch::Generators;
#else
#define CATCH_CONFIG_ENABLE_ALL_STRINGMAKERS
#include <catch2/catch.hpp>
using namespace Catch::Generators;
#endif
