// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "libs/store/codec.h"
#include "libs/store/filter.h"
#include "libs/store/filter_tree.h"

namespace lianqiao::store {
namespace {

using contract::Column;

// A pattern that means the text itself.
std::string Escaped(const std::string& text) {
  std::string pattern;
  for (char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern;
}

// The least text after all that begin with `prefix` in byte order; empty if there is none.
std::string AfterPrefix(std::string prefix) {
  while (!prefix.empty()) {
    size_t start = prefix.size() - 1;
    while ((static_cast<unsigned char>(prefix[start]) & 0xC0) == 0x80) --start;
    uint32_t point = static_cast<unsigned char>(prefix[start]);
    if (point >= 0x80) point &= point >= 0xF0 ? 0x07 : point >= 0xE0 ? 0x0F : 0x1F;
    for (size_t i = start + 1; i < prefix.size(); ++i)
      point = point << 6 | (static_cast<unsigned char>(prefix[i]) & 0x3F);
    prefix.resize(start);
    if (point == 0x10FFFF) continue;
    point = point == 0xD7FF ? 0xE000 : point + 1;  // Surrogates are no characters.
    const auto tail = [&](int shift) {
      prefix.push_back(static_cast<char>(0x80 | ((point >> shift) & 0x3F)));
    };
    if (point < 0x80) {
      prefix.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
      prefix.push_back(static_cast<char>(0xC0 | point >> 6)), tail(0);
    } else if (point < 0x10000) {
      prefix.push_back(static_cast<char>(0xE0 | point >> 12)), tail(6), tail(0);
    } else {
      prefix.push_back(static_cast<char>(0xF0 | point >> 18)), tail(12), tail(6), tail(0);
    }
    return prefix;
  }
  return prefix;
}

const char* Sign(FilterOperator op) {
  switch (op) {
    case FilterOperator::kNotEqual:
      return " <> ";
    case FilterOperator::kLess:
      return " < ";
    case FilterOperator::kLessOrEqual:
      return " <= ";
    case FilterOperator::kGreater:
      return " > ";
    case FilterOperator::kGreaterOrEqual:
      return " >= ";
    default:
      return " = ";
  }
}

class SqlWriter {
 public:
  SqlWriter(const std::string& alias, postgres::Parameters* parameters)
      : alias_(alias), parameters_(parameters) {}

  std::string Write(const FilterNode& node) {
    switch (node.op) {
      case FilterOperator::kAnd:
        return Join(node, " AND ");
      case FilterOperator::kOr:
        return Join(node, " OR ");
      case FilterOperator::kNot:
        return absl::StrCat("(NOT ", Write(*node.children[0]), ")");
      case FilterOperator::kIsNull:
        return absl::StrCat("(", Name(node), " IS NULL)");
      case FilterOperator::kNotEmpty:
        return absl::StrCat("(cardinality(", Name(node), ") > 0)");
      case FilterOperator::kHasElement:
        return HasElement(node);
      // Under "C", ILIKE folds ASCII letters only, whatever the database's locale: as Matches does.
      case FilterOperator::kHasText:
        return absl::StrCat("(", Name(node), " COLLATE \"C\" ILIKE ",
                            Text(absl::StrCat("%", Escaped(std::get<std::string>(node.value)), "%"), "text"),
                            ")");
      case FilterOperator::kHasAffix:
        return HasAffix(node);
      case FilterOperator::kHasExternalId:
        return HasExternalId(node);
      default:
        return Compare(node);
    }
  }

 private:
  std::string Name(const FilterNode& node) const { return absl::StrCat(alias_, ".", node.field->name); }

  // Appends a parameter and names it, cast so that PostgreSQL never has to guess.
  std::string Text(const std::string& value, const std::string& type) {
    parameters_->Text(value);
    return absl::StrCat("$", parameters_->size(), "::", type);
  }

  std::string Join(const FilterNode& node, const char* word) {
    std::string sql = "(";
    for (const auto& child : node.children) absl::StrAppend(&sql, sql.size() == 1 ? "" : word, Write(*child));
    return sql + ")";
  }

  // An equality keeps the column's own collation, a range is in byte order: both as the indexes are declared.
  std::string Compare(const FilterNode& node) {
    const bool equality = node.op == FilterOperator::kEqual || node.op == FilterOperator::kNotEqual;
    const char* collation = node.field->column == Column::kText && !equality ? " COLLATE \"C\"" : "";
    return absl::StrCat("(", Name(node), collation, Sign(node.op),
                        Text(ValueText(node.value), SqlType(*node.field)), ")");
  }

  std::string HasElement(const FilterNode& node) {
    const std::string element = postgres::ArrayLiteral({ValueText(node.value)});
    return absl::StrCat("(", Name(node), " @> ", Text(element, SqlType(*node.field)), ")");
  }

  std::string HasAffix(const FilterNode& node) {
    const std::string& text = std::get<std::string>(node.value);
    const std::string column = Name(node) + " COLLATE \"C\"";
    if (node.open_start) {
      return absl::StrCat("(", column, " LIKE ",
                          Text(absl::StrCat("%", Escaped(text), node.open_end ? "%" : ""), "text"), ")");
    }
    // A range instead of LIKE: an index serves it under a generic plan too.
    std::string sql = absl::StrCat("(", column, " >= ", Text(text, "text"));
    const std::string end = AfterPrefix(text);
    if (!end.empty()) absl::StrAppend(&sql, " AND ", column, " < ", Text(end, "text"));
    return sql + ")";
  }

  std::string HasExternalId(const FilterNode& node) {
    const std::string kind = Text(node.resource->kind, "text");
    const std::string system = Text(node.external_system, "text");
    const std::string value = Text(std::get<std::string>(node.value), "text");
    return absl::StrCat("EXISTS (SELECT 1 FROM external_id AS carried WHERE carried.kind = ", kind,
                        " AND carried.system = ", system, " AND carried.value = ", value,
                        " AND carried.id = ", alias_, ".id)");
  }

  const std::string& alias_;
  postgres::Parameters* parameters_;
};

}  // namespace

std::string FilterSql(const Filter& filter, const std::string& table_alias,
                      postgres::Parameters* parameters) {
  if (filter.empty()) return "TRUE";
  return SqlWriter(table_alias, parameters).Write(*filter.root());
}

}  // namespace lianqiao::store
