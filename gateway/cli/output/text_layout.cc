#include "gateway/cli/output/text_layout.h"

#include <algorithm>

namespace gateway::cli {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Where the first `width` characters end, in bytes.
std::size_t bytes_of(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  while (end < text.size() && (continues(text[end]) || width > 0)) {
    if (!continues(text[end])) --width;
    ++end;
  }
  return end;
}

// The part of a word that fits in `width` columns, with the mark after which it is broken.
std::string_view first_part(std::string_view word, std::size_t width) {
  const std::string_view part = word.substr(0, bytes_of(word, width));
  if (part.size() == word.size()) return part;
  const auto mark = part.find_last_of("./-,:_");
  return mark == part.npos || mark < part.size() / 2 ? part : part.substr(0, mark + 1);
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 1);
  std::vector<std::string> lines;
  std::string line;
  for (std::string_view word : words_of(text)) {
    const std::size_t taken = line.empty() ? 0 : columns(line) + 1;
    if (!line.empty() && taken + columns(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    while (columns(word) > width) {
      const std::string_view part = first_part(word, width);
      lines.emplace_back(part);
      word.remove_prefix(part.size());
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string paragraph(const std::string& head, std::size_t indent, std::string_view text,
                      std::size_t width) {
  std::string all;
  std::string line = head;
  bool begun = false;
  for (const std::string_view word : words_of(text)) {
    if (begun && columns(line) + 1 + columns(word) > width) {
      all += line + '\n';
      line = std::string(indent, ' ');
      begun = false;
    }
    if (begun) line += ' ';
    line += word;
    begun = true;
  }
  return all + line + '\n';
}

std::string shorten(std::string_view key, std::size_t width) {
  const std::size_t all = columns(key);
  if (all <= width || width < 3) return std::string(key.substr(0, bytes_of(key, width)));
  const std::size_t tail = (width - 1) / 2;
  return std::string(key.substr(0, bytes_of(key, width - 1 - tail))) + "…" +
         std::string(key.substr(bytes_of(key, all - tail)));
}

std::string without_controls(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte < 0x20 || byte == 0x7f) text[i] = '?';
    // Also the controls of two bytes, C2 80 to C2 9F.
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) text.replace(i, 2, "?");
  }
  return text;
}

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  for (const std::string_view word : words_of(text))
    longest = std::max(longest, columns(word));
  return longest;
}

}  // namespace gateway::cli
