// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "libs/base/limits.h"
#include "libs/base/text.h"
#include "libs/store/filter.h"
#include "libs/store/filter_lexer.h"
#include "libs/store/filter_tree.h"

namespace lianqiao::store {
namespace {

using base::ErrorReason;
using contract::Column;
using contract::Field;
using contract::Resource;
using Kind = FilterToken::Kind;
using Node = std::shared_ptr<const FilterNode>;

absl::Status Refused(const std::string& position, const std::string& zh, const std::string& en) {
  return base::FailIfAny({base::Refuse("filter", ErrorReason::FILTER_INVALID,
                                       {{"position", position}, {"detail_zh", zh}, {"detail_en", en}})});
}

Node Make(FilterNode node) {
  return std::make_shared<const FilterNode>(std::move(node));
}

Node Negated(Node child) {
  FilterNode node;
  node.op = FilterOperator::kNot;
  node.children.push_back(std::move(child));
  return Make(std::move(node));
}

Node Joined(FilterOperator op, std::vector<Node> children) {
  if (children.size() == 1) return children[0];
  FilterNode node;
  node.op = op;
  node.children = std::move(children);
  return Make(std::move(node));
}

bool IsOrdered(Column column) {
  return column != Column::kEnum && column != Column::kUuid && column != Column::kBoolean;
}

class FilterParser {
 public:
  FilterParser(const Resource& resource, const std::string& text, const FilterOptions& options)
      : resource_(resource), options_(options), lexer_(text) {
    token_ = lexer_.Next();
  }

  // Null if the text is refused: see mistake().
  Node Parse() {
    Node root = Conjunction();
    if (root != nullptr && token_.kind != Kind::kEnd)
      return Refuse(token_, "此处应为 AND、OR 或结尾;相邻条件之间须写明 AND",
                    "expected AND, OR or the end; write AND between two conditions");
    return root;
  }
  // The first one; reading a token ahead may have met a second.
  const FilterMistake& mistake() const {
    const auto& bad = lexer_.mistake();
    return bad.has_value() && (mistake_.en.empty() || bad->offset <= mistake_.offset) ? *bad : mistake_;
  }

 private:
  Node Refuse(const FilterToken& token, const std::string& zh, const std::string& en) {
    if (mistake_.en.empty()) mistake_ = {token.offset, zh, en};
    return nullptr;
  }
  bool IsWord(const char* word) const { return token_.kind == Kind::kName && token_.text == word; }
  bool Accept(Kind kind) {
    if (token_.kind != kind) return false;
    token_ = lexer_.Next();
    return true;
  }

  Node Conjunction();
  Node Disjunction();
  Node Term();
  Node Condition();
  Node ExternalId(const FilterToken& name);
  const Field* FilterableField(const FilterToken& name);
  Node Compare(const Field& field, const FilterToken& op);
  Node CompareNull(const Field& field, const FilterToken& op);
  Node CompareText(FilterNode node, const FilterToken& op);
  Node Has(const Field& field);
  Node Present(const Field& field);
  Node RefuseValue(const Field& field) {
    const ExpectedValue expected = ExpectedValueOf(field.column);
    return Refuse(token_, absl::StrCat("字段 ", field.name, " 的取值应为", expected.zh),
                  absl::StrCat(field.name, " is compared with ", expected.en));
  }
  // Ends a condition whose value is the present token.
  Node Finish(FilterNode node) {
    token_ = lexer_.Next();
    return Make(std::move(node));
  }

  const Resource& resource_;
  const FilterOptions& options_;
  FilterLexer lexer_;
  FilterToken token_;
  FilterMistake mistake_;
  int depth_ = 0;
  int conditions_ = 0;
};

Node FilterParser::Conjunction() {
  std::vector<Node> children;
  do {
    if (!children.empty()) token_ = lexer_.Next();
    children.push_back(Disjunction());
    if (children.back() == nullptr) return nullptr;
  } while (IsWord("AND"));
  return Joined(FilterOperator::kAnd, std::move(children));
}

Node FilterParser::Disjunction() {
  std::vector<Node> children;
  do {
    if (!children.empty()) token_ = lexer_.Next();
    children.push_back(Term());
    if (children.back() == nullptr) return nullptr;
  } while (IsWord("OR"));
  return Joined(FilterOperator::kOr, std::move(children));
}

Node FilterParser::Term() {
  const bool negated = IsWord("NOT") || token_.kind == Kind::kMinus;
  if (negated) token_ = lexer_.Next();
  const FilterToken start = token_;
  Node node;
  if (Accept(Kind::kLeft)) {
    if (++depth_ > base::kFilterDepthMax) {
      return Refuse(start, absl::StrCat("括号嵌套超过 ", base::kFilterDepthMax, " 层"),
                    absl::StrCat("parentheses are nested more than ", base::kFilterDepthMax, " deep"));
    }
    node = Conjunction();
    --depth_;
    if (node != nullptr && !Accept(Kind::kRight))
      return Refuse(token_, "缺少右括号", "a closing parenthesis is missing here");
  } else {
    node = Condition();
  }
  return node != nullptr && negated ? Negated(std::move(node)) : node;
}

Node FilterParser::Condition() {
  const FilterToken name = token_;
  const bool keyword = IsWord("AND") || IsWord("OR") || IsWord("NOT");
  if (keyword || !Accept(Kind::kName)) return Refuse(name, "此处应为字段名", "expected a field name");
  if (++conditions_ > base::kFilterTermsMax) {
    return Refuse(name, absl::StrCat("条件超过 ", base::kFilterTermsMax, " 个"),
                  absl::StrCat("there are more than ", base::kFilterTermsMax, " conditions"));
  }
  if (token_.kind == Kind::kLeft) return ExternalId(name);
  const Field* field = FilterableField(name);
  if (field == nullptr) return nullptr;
  const FilterToken op = token_;
  if (op.kind != Kind::kOperator) {
    return Refuse(op, "此处应为 = != < <= > >= 或 :", "expected one of = != < <= > >= : after the field");
  }
  token_ = lexer_.NextValue();
  if (token_.kind == Kind::kBad) return nullptr;
  if (op.text == ":") return Has(*field);
  if (field->array) {
    return Refuse(op, absl::StrCat(field->name, " 是列表,请用 ", field->name, ":值"),
                  absl::StrCat(field->name, " is a list; write ", field->name, ":value, or NOT ", field->name,
                               ":value"));
  }
  return Compare(*field, op);
}

const Field* FilterParser::FilterableField(const FilterToken& name) {
  const std::string shown = name.text.substr(0, 64);
  if (name.text.find('.') != std::string::npos) {
    Refuse(name, "不能按下级字段过滤", "a field inside another one cannot be filtered");
    return nullptr;
  }
  const Field* field = resource_.Find(name.text);
  if (field == nullptr) {
    Refuse(name, absl::StrCat("没有字段 ", shown), absl::StrCat("there is no field ", shown));
  } else if (field == resource_.external_ids) {
    Refuse(name, "外部编号请写 external_id(\"来源系统\", \"编号\")",
           "write external_id(\"system\", \"value\") to filter by external ids");
  } else if (field->column == Column::kNone || field->column == Column::kJsonb ||
             field->column == Column::kBytea || field->rule->not_filterable()) {
    Refuse(name, absl::StrCat("字段 ", shown, " 不支持过滤"), absl::StrCat(shown, " cannot be filtered"));
  } else if (field->is_personal() && !options_.personal) {
    Refuse(name, absl::StrCat("字段 ", shown, " 为个人信息,按其过滤须有读取权限"),
           absl::StrCat(shown, " is personal; filtering by it needs the right to read it"));
  } else {
    return field;
  }
  return nullptr;
}

Node FilterParser::ExternalId(const FilterToken& name) {
  if (name.text != "external_id" || resource_.external_ids == nullptr) {
    return Refuse(name, "没有此函数", "there is no such function here");
  }
  static constexpr char kChinese[] = "应写作 external_id(\"来源系统\", \"编号\")";
  static constexpr char kEnglish[] = "expected external_id(\"system\", \"value\")";
  FilterNode node;
  node.op = FilterOperator::kHasExternalId;
  node.resource = &resource_;
  Accept(Kind::kLeft);
  node.external_system = token_.text;
  if (!Accept(Kind::kString) || !Accept(Kind::kComma)) return Refuse(token_, kChinese, kEnglish);
  node.value = token_.text;
  if (!Accept(Kind::kString) || token_.kind != Kind::kRight) return Refuse(token_, kChinese, kEnglish);
  return Finish(std::move(node));
}

Node FilterParser::CompareNull(const Field& field, const FilterToken& op) {
  if (op.text != "=" && op.text != "!=")
    return Refuse(op, "null 只能用 = 或 != 比较", "null can only be compared by = or !=");
  if (!field.nullable) {
    return Refuse(
        token_, absl::StrCat("字段 ", field.name, " 总有值,不能与 null 比较"),
        absl::StrCat(field.name, " always has a value; compare it with an empty one instead of null"));
  }
  FilterNode node;
  node.op = FilterOperator::kIsNull;
  node.field = &field;
  Node is_null = Finish(std::move(node));
  return op.text == "=" ? is_null : Negated(std::move(is_null));
}

Node FilterParser::Compare(const Field& field, const FilterToken& op) {
  if (token_.kind == Kind::kWord && token_.text == "null") return CompareNull(field, op);
  static const std::pair<const char*, FilterOperator> kOperators[] = {
      {"=", FilterOperator::kEqual},   {"!=", FilterOperator::kNotEqual},
      {"<", FilterOperator::kLess},    {"<=", FilterOperator::kLessOrEqual},
      {">", FilterOperator::kGreater}, {">=", FilterOperator::kGreaterOrEqual}};
  FilterNode node;
  node.field = &field;
  for (const auto& [text, known] : kOperators) {
    if (op.text == text) node.op = known;
  }
  const bool equality = op.text == "=" || op.text == "!=";
  if (!equality && !IsOrdered(field.column)) {
    return Refuse(op, absl::StrCat("字段 ", field.name, " 只能用 = 或 != 比较"),
                  absl::StrCat(field.name, " can only be compared by = or !="));
  }
  if (!ReadValue(field, token_, &node.value)) return RefuseValue(field);
  if (equality && field.column == Column::kText) return CompareText(std::move(node), op);
  return Finish(std::move(node));
}

// = and != on text, where an open star at either end is a wildcard.
Node FilterParser::CompareText(FilterNode node, const FilterToken& op) {
  std::string text = std::get<std::string>(node.value);
  const std::vector<size_t>& stars = token_.stars;
  node.open_end = !stars.empty() && stars.back() + 1 == text.size();
  node.open_start = !stars.empty() && stars.front() == 0 && (stars.size() > 1 || text.size() > 1);
  if (stars.size() > static_cast<size_t>(node.open_start) + static_cast<size_t>(node.open_end)) {
    return Refuse(token_, "通配符 * 只能在文本首尾;星号本身写作 \\*",
                  "a wildcard * can only stand at either end; write \\* for a star");
  }
  if (stars.empty()) return Finish(std::move(node));
  if (node.open_end) text.pop_back();
  if (node.open_start) text.erase(0, 1);
  node.value = std::move(text);
  node.op = FilterOperator::kHasAffix;
  Node affix = Finish(std::move(node));
  return op.text == "=" ? affix : Negated(std::move(affix));
}

Node FilterParser::Has(const Field& field) {
  if (token_.kind == Kind::kStar) return Present(field);
  FilterNode node;
  node.field = &field;
  node.op = field.array ? FilterOperator::kHasElement : FilterOperator::kHasText;
  if (!field.array && field.column != Column::kText) {
    return Refuse(
        token_, absl::StrCat("“:”只用于文本和列表;字段 ", field.name, " 请用 =,或写 ", field.name, ":*"),
        absl::StrCat("\":\" is for text and lists; use = with ", field.name, ", or ", field.name, ":*"));
  }
  if (!ReadValue(field, token_, &node.value)) return RefuseValue(field);
  return Finish(std::move(node));
}

Node FilterParser::Present(const Field& field) {
  FilterNode node;
  node.field = &field;
  if (field.array) {
    node.op = FilterOperator::kNotEmpty;
    return Finish(std::move(node));
  }
  if (field.nullable) {
    node.op = FilterOperator::kIsNull;
    return Negated(Finish(std::move(node)));
  }
  node.op = FilterOperator::kNotEqual;
  if (field.column == Column::kText) {
    node.value = std::string();
  } else if (field.column == Column::kEnum) {
    node.value = field.descriptor->enum_type()->FindValueByNumber(0)->name();
  } else {
    return Refuse(token_, absl::StrCat("字段 ", field.name, " 总有值"),
                  absl::StrCat(field.name, " always has a value"));
  }
  return Finish(std::move(node));
}

}  // namespace

absl::StatusOr<Filter> ParseFilter(const Resource& resource, const std::string& text,
                                   const FilterOptions& options) {
  if (text.size() > base::kFilterBytesMax) {
    return Refused("1", absl::StrCat("超过 ", base::kFilterBytesMax, " 字节"),
                   absl::StrCat("longer than ", base::kFilterBytesMax, " bytes"));
  }
  bool ok = true;
  // Stored text is NFC, so the filter's must be. The parentheses keep outer spaces, hence positions, as sent.
  std::string normal = base::Normalise(absl::StrCat("(", text, ")"), &ok);
  if (!ok) return Refused("1", "不是合法的 UTF-8 文本或含有 NUL", "not valid UTF-8, or it holds a NUL");
  normal = normal.substr(1, normal.size() - 2);
  if (normal.find_first_not_of(" \t\r\n") == std::string::npos) return Filter();
  FilterParser parser(resource, normal, options);
  Node root = parser.Parse();
  if (root != nullptr) return Filter(std::move(root));
  const FilterMistake& mistake = parser.mistake();
  return Refused(absl::StrCat(base::CharacterCount(normal.substr(0, mistake.offset)) + 1), mistake.zh,
                 mistake.en);
}

}  // namespace lianqiao::store
