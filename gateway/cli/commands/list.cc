#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/base/json.h"
#include "auth/base/text.h"
#include "auth/base/time_format.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/commands/list_columns.h"
#include "gateway/cli/output/table.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxAtOnce = 1000;

struct ListOptions {
  std::string account;
  std::string region;
  std::string status;
  std::string unused;
  std::string sort;
  std::string role;
  std::vector<std::string> tags;
  std::vector<std::string> columns;
  bool all = false;
  bool quiet = false;
};

nlohmann::json body_of(const ListOptions& options) {
  nlohmann::json body = {{"limit", kMaxAtOnce}};
  if (!options.region.empty()) body["region"] = options.region;
  if (!options.status.empty()) body["status"] = options.status;
  if (!options.tags.empty()) body["tags"] = options.tags;
  if (!options.role.empty()) body["role"] = options.role;
  if (!options.unused.empty()) {
    const auto span = auth::read_duration(options.unused);
    if (!span) {
      throw OperationError(
          Code::usage, "--unused: must be a duration (90d, 12h), not \"" + options.unused + "\"");
    }
    body["unused"] = static_cast<std::uint64_t>(span->count());
  }
  return body;
}

// All that can be read was read.
class Damaged : public OperationError {
  using OperationError::OperationError;
};

// Calls `each` with every credential that is asked for, in the order of the store. Throws Damaged
// at the end.
template <class Each>
void read_all(const Context& context, const ListOptions& options, Each each) {
  nlohmann::json body = body_of(options);
  std::string damaged;
  do {
    const Json page = ask(context, "list", options.account, body);
    for (const Json& c : page.at("credentials")) {
      const bool shown = options.all || !options.status.empty() || c.at("status") != "revoked";
      if (shown) each(c);
    }
    for (const Json& id : page.at("damaged"))
      damaged += " " + id.get<std::string>();
    body["after"] = page.at("after");
  } while (body["after"] != "");
  if (damaged.empty()) return;
  throw Damaged(Code::fault,
                "these records are damaged; their owners are denied, and they are not listed:" +
                    damaged + "; restore the store from a backup");
}

struct Row {
  std::string key;
  std::vector<std::string> cells;
};

void print_rows(const std::vector<Row>& rows, const std::vector<const ListColumn*>& columns,
                bool all_of_them) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool any = std::ranges::any_of(rows, [&](const Row& row) { return row.cells[i] != "-"; });
    if (all_of_them || any) shown.push_back(i);
  }
  std::vector<Column> looks;
  for (const std::size_t i : shown) {
    looks.push_back(columns[i]->look);
    if (all_of_them) looks.back().optional = false;
  }
  Table table{std::move(looks)};
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    for (const std::size_t i : shown)
      cells.push_back(row.cells[i]);
    table.add(std::move(cells));
  }
  std::cout << table.text();
}

// An array that is printed while it is read.
class JsonArray {
 public:
  void add(const std::string& item) {
    std::cout << (any_ ? ",\n" : "[\n") << item;
    any_ = true;
  }
  void end() const { std::cout << (any_ ? "\n]\n" : "[]\n"); }

 private:
  bool any_ = false;
};

// Without --sort in the order of the store, because a large one need not be kept in memory then.
void list_json(const Context& context, const ListOptions& options) {
  JsonArray array;
  std::vector<std::pair<std::string, std::string>> sorted;
  const auto end = [&] {
    std::ranges::stable_sort(sorted);
    for (const auto& [key, item] : sorted)
      array.add(item);
    array.end();
  };
  try {
    read_all(context, options, [&](const Json& c) {
      if (options.sort.empty()) return array.add(auth::write_line(c));
      sorted.emplace_back(sort_key(c, options.sort), auth::write_line(c));
    });
  } catch (const Damaged&) {
    end();
    throw;
  }
  end();
}

std::vector<const ListColumn*> chosen_columns(const ListOptions& options) {
  std::vector<const ListColumn*> columns;
  for (const std::string& name : options.columns)
    columns.push_back(&column_named(name));
  if (!columns.empty()) return columns;
  if (options.quiet) return {&column_named("id")};
  for (const ListColumn& column : all_columns()) {
    if (column.usual) columns.push_back(&column);
  }
  return columns;
}

void print(const ListOptions& options, const std::vector<Row>& rows) {
  if (options.quiet) {
    for (const Row& row : rows)
      std::cout << auth::join(row.cells, "\t") << '\n';
    return;
  }
  print_rows(rows, chosen_columns(options), !options.columns.empty());
  if (!rows.empty()) return;
  const bool filtered = !options.account.empty() || !options.region.empty() ||
                        !options.status.empty() || !options.unused.empty() ||
                        !options.tags.empty() || !options.role.empty();
  std::cerr << (filtered ? "no credential matches these options\n"
                         : "no credentials; create one with: credgate create, see --help\n");
}

void list(const Context& context, const ListOptions& options) {
  for (const std::string& name : options.columns)
    require_choice("--columns", name, column_names());
  if (context.json) return list_json(context, options);
  const auto columns = chosen_columns(options);
  const std::string by = options.sort.empty() ? "name" : options.sort;
  std::vector<Row> rows;
  const auto keep = [&](const Json& c) {
    Row row{.key = sort_key(c, by), .cells = {}};
    for (const ListColumn* column : columns)
      row.cells.push_back(column->cell(c));
    rows.push_back(std::move(row));
  };
  const auto finish = [&] {
    std::ranges::stable_sort(rows, {}, &Row::key);
    print(options, rows);
  };
  try {
    read_all(context, options, keep);
  } catch (const Damaged&) {
    finish();
    throw;
  }
  finish();
}

}  // namespace

void add_list(App& app, const Context& context) {
  Command command = app.add("list", "List credentials by name, without revoked ones");
  const auto options = std::make_shared<ListOptions>();
  command.text("--account", "ACCOUNT", "only of this account", options->account);
  command.text("--region", "REGION", "only credentials valid in this region (default: all regions)",
               options->region);
  command.choice("--status", "STATUS", "only this status",
                 {"active", "suspended", "expired", "not_yet_valid", "revoked"}, options->status);
  command.flag("-a,--all", "also revoked credentials", options->all);
  command.text("--unused", "DURATION", "only credentials not used for this long: 90d",
               options->unused);
  command.on_texts("--tag", "TAG", "only with this tag: key or key=value (repeatable)",
                   [options](const auto& given) { options->tags = given; });
  command.text("--role", "ROLE", "only those that have this role", options->role);
  command.choice("--sort", "COLUMN",
                 "sort by this column (default name); expires: the soonest first; used: the "
                 "longest unused first",
                 column_names(), options->sort);
  command.on_texts("--columns", "COLUMNS",
                   "only these columns, in this order: " + auth::join(column_names()),
                   [options](const auto& given) { options->columns = given; });
  command.offer("--columns", column_names());
  command.flag("-q,--quiet",
               "print only ids, one per line, for other commands; with --columns these, with tabs "
               "between them",
               options->quiet);
  command.footer(
      "In a narrow terminal the last columns are left out; --columns shows those that it names.\n"
      "Examples:\n"
      "  credgate list --tag team=web --sort expires\n"
      "  credgate list --columns name,id,created --all\n"
      "  credgate list -q --unused 90d | xargs -n 1 credgate suspend");
  command.run([&context, options] { list(context, *options); });
}

}  // namespace gateway::cli
