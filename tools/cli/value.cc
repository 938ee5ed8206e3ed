// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/value.h"

#include "absl/strings/str_cat.h"
#include "tools/cli/json_text.h"

namespace lianqiao::cli {

using simdjson::dom::element;
using simdjson::dom::object;

namespace {

bool Has(object json, std::string_view name) {
  return json.at_key(name).error() == simdjson::SUCCESS;
}

absl::StatusOr<Template> TextAt(object json, std::string_view name) {
  std::string_view text;
  if (json.at_key(name).get_string().get(text) != simdjson::SUCCESS)
    return absl::InvalidArgumentError(absl::StrCat(std::string(name), " must be a text"));
  return Template::Parse(text);
}

}  // namespace

absl::Status Value::AddChild(std::string_view name, element json) {
  absl::StatusOr<Value> child = Parse(json);
  if (!child.ok()) return child.status();
  children_.emplace_back(std::string(name), *std::move(child));
  return absl::OkStatus();
}

// {"when": …, "value": …}, with "each" or without.
absl::StatusOr<Value> Value::ParseChoice(object json) {
  Value value;
  value.kind_ = Kind::kChoose;
  std::string_view join;
  if (json.at_key("each").get_string().get(join) == simdjson::SUCCESS) {
    value.kind_ = Kind::kEach;
    value.literal_ = std::string(join);
  }
  if (Has(json, "when")) {
    absl::StatusOr<Condition> when = Condition::Parse(json.at_key("when").value_unsafe());
    if (!when.ok()) return when.status();
    value.when_ = *std::move(when);
  }
  if (!Has(json, "value")) return absl::InvalidArgumentError("\"when\" and \"each\" need \"value\"");
  const absl::Status status = value.AddChild("", json.at_key("value").value_unsafe());
  if (!status.ok()) return status;
  return value;
}

absl::StatusOr<Value> Value::ParseMap(object json) {
  Value value;
  value.kind_ = Kind::kMap;
  absl::StatusOr<Template> text = TextAt(json, "map");
  if (!text.ok()) return text.status();
  value.text_ = *std::move(text);
  object values;
  if (json.at_key("values").get_object().get(values) != simdjson::SUCCESS)
    return absl::InvalidArgumentError("\"map\" needs \"values\"");
  for (const auto& [name, child] : values) {
    if (const absl::Status status = value.AddChild(name, child); !status.ok()) return status;
  }
  return value;
}

absl::StatusOr<Value> Value::ParseObject(object json) {
  if (Has(json, "map")) return ParseMap(json);
  if (Has(json, "when") || Has(json, "each")) return ParseChoice(json);
  Value value;
  if (Has(json, "number")) {
    value.kind_ = Kind::kNumber;
    absl::StatusOr<Template> text = TextAt(json, "number");
    if (!text.ok()) return text.status();
    value.text_ = *std::move(text);
    return value;
  }
  if (Has(json, "choose")) {
    value.kind_ = Kind::kChoose;
    for (const element item : json.at_key("choose").get_array()) {
      absl::StatusOr<Value> child = Parse(item);
      if (!child.ok()) return child.status();
      value.children_.emplace_back("", *std::move(child));
    }
    return value;
  }
  value.kind_ = Kind::kObject;
  for (const auto& [name, child] : json) {
    if (const absl::Status status = value.AddChild(name, child); !status.ok()) return status;
  }
  return value;
}

absl::StatusOr<Value> Value::Parse(element json) {
  if (json.is_object()) return ParseObject(json.get_object());
  Value value;
  if (json.is_array()) {
    value.kind_ = Kind::kList;
    for (const element item : json.get_array()) {
      if (const absl::Status status = value.AddChild("", item); !status.ok()) return status;
    }
  } else if (json.is_string()) {
    value.kind_ = Kind::kText;
    absl::StatusOr<Template> text = Template::Parse(json.get_string().value_unsafe());
    if (!text.ok()) return text.status();
    value.text_ = *std::move(text);
  } else {
    value.literal_ = simdjson::minify(json);
  }
  return value;
}

absl::StatusOr<std::string> Value::FillMembers(const RowView& view, bool named) const {
  std::string filled;
  for (const auto& [name, child] : children_) {
    absl::StatusOr<std::string> value = child.Fill(view);
    if (!value.ok()) return value;
    if (value->empty()) continue;
    if (!filled.empty()) filled += ',';
    if (named) filled += Quote(name) + ':';
    filled += *value;
  }
  if (filled.empty()) return filled;
  return named ? '{' + filled + '}' : '[' + filled + ']';
}

// Several elements, separated by commas, for the list around it.
absl::StatusOr<std::string> Value::FillEach(const RowView& view) const {
  std::string filled;
  const auto joined = view.joined.find(literal_);
  if (joined == view.joined.end()) return filled;
  for (const Columns& row : *joined->second) {
    RowView inner = view;
    inner.current[literal_] = &row;
    if (when_.has_value() && !when_->Holds(inner)) continue;
    absl::StatusOr<std::string> value = children_.front().second.Fill(inner);
    if (!value.ok()) return value;
    if (!value->empty()) absl::StrAppend(&filled, filled.empty() ? "" : ",", *value);
  }
  return filled;
}

absl::StatusOr<std::string> Value::Fill(const RowView& view) const {
  if (kind_ == Kind::kLiteral) return literal_;
  if (kind_ == Kind::kEach) return FillEach(view);
  if (kind_ == Kind::kObject || kind_ == Kind::kList) return FillMembers(view, kind_ == Kind::kObject);
  if (kind_ == Kind::kChoose) {
    if (when_.has_value() && !when_->Holds(view)) return std::string();
    for (const auto& [name, child] : children_) {
      if (child.when_.has_value() && child.kind_ != Kind::kEach && !child.when_->Holds(view)) continue;
      return child.Fill(view);
    }
    return std::string();
  }
  const std::string text = text_.Fill(view);
  if (text.empty()) return text;
  if (kind_ == Kind::kText) return Quote(text);
  if (kind_ == Kind::kNumber) return IsJsonNumber(text) ? text : Quote(text);
  for (const auto& [name, child] : children_) {
    if (name == text) return child.Fill(view);
  }
  return absl::InvalidArgumentError(text);
}

void Value::AddColumns(std::set<std::string>* columns) const {
  text_.AddColumns(columns);
  if (when_.has_value()) when_->AddColumns(columns);
  for (const auto& [name, child] : children_) child.AddColumns(columns);
}

}  // namespace lianqiao::cli
