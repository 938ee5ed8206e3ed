// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/random_http.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/gateway/parameter.h"

namespace lianqiao::conformance {

using options::v1::FieldRule;

namespace {

constexpr int kDepthMax = 4;

const FieldRule& RuleOf(const google::protobuf::FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field);
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      absl::StrAppend(&quoted, "\\u00", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    else
      quoted += c;
  }
  return quoted + "\"";
}

std::string PercentEncoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.')
      encoded += c;
    else
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
  }
  return encoded;
}

constexpr const char* kOddTexts[] = {"",
                                     " ",
                                     "学校",
                                     "'; DROP TABLE organisation; --",
                                     "name = \"x\"",
                                     "name desc",
                                     "*",
                                     "near-system:1",
                                     "\t\r\n",
                                     "\x7f",
                                     "\xff\xfe",
                                     "\xed\xa0\x80",
                                     "\xf0\x9f\x8f\xab",
                                     "e\xcc\x81",
                                     "../../etc/passwd",
                                     "%00",
                                     "${jndi:x}",
                                     "9999-99-99",
                                     "0000-00-00",
                                     "-infinity",
                                     "NaN"};
constexpr const char* kNumbers[] = {"0",
                                    "1",
                                    "-1",
                                    "7",
                                    "100",
                                    "1.5",
                                    "2147483647",
                                    "-2147483648",
                                    "2147483648",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "18446744073709551616",
                                    "1e308",
                                    "1e400",
                                    "-0",
                                    "123456789012345678901234567890"};
constexpr const char* kJunk[] = {"null",
                                 "true",
                                 "[]",
                                 "{}",
                                 "[null]",
                                 "{\"\":null}",
                                 "\"\\u0000\"",
                                 "\"\\ud800\"",
                                 "\"\\udc00\\ud800\"",
                                 "[[1],[2]]",
                                 "{\"@type\":\"x\"}",
                                 "{\"a\":{\"b\":{\"c\":[{\"d\":1}]}}}",
                                 "1e400",
                                 "-9223372036854775809",
                                 "NaN",
                                 "\"\xff\"",
                                 "'x'",
                                 "[1,]",
                                 "{\"a\":1,\"a\":2}"};

}  // namespace

std::string RandomHttp::KindOf(const gateway::Route& route) {
  return route.method->descriptor->output_type()->options().GetExtension(options::v1::resource).kind();
}

std::string RandomHttp::WithIds(const std::string& text) const {
  std::string filled = text;
  for (const auto& [kind, ids] : ids_)
    filled = absl::StrReplaceAll(filled, {{absl::StrCat("$", kind, "$"), ids.back()}});
  return filled;
}

std::string RandomHttp::Id(const std::string& kind) {
  const auto found = ids_.find(kind);
  if (found == ids_.end() || Chance(10)) return "0190a0b0-0000-7000-8000-000000000000";
  return OneOf(found->second);
}

std::string RandomHttp::Text(const Field& field, const FieldRule& rule) {
  if (Wrong()) return Chance(10) ? std::string(3000, 'x') : OneOf(kOddTexts);
  if (!rule.reference().empty()) return Id(rule.reference());
  const int year = 2018 + static_cast<int>(random_() % 8);
  switch (rule.format()) {
    case options::v1::FORMAT_UUID:
      return Id(field.name() == "client_id" ? "client" : kind_);
    case options::v1::FORMAT_DATE:
      return absl::StrCat(year, Chance(50) ? "-09-01" : "-08-31");
    case options::v1::FORMAT_SCHOOL_YEAR:
      return absl::StrCat(year, "-", year + 1);
    case options::v1::FORMAT_TERM:
      return absl::StrCat(year, "-", year + 1, "-1");
    case options::v1::FORMAT_DIVISION_CODE:
      return absl::StrCat("61", 1000 + random_() % 9000);
    case options::v1::FORMAT_SCHOOL_CODE:
      return absl::StrCat("216100", 1000 + random_() % 9000);
    case options::v1::FORMAT_URL:
      return "https://example.org/";
    default:
      break;
  }
  if (field.name() == "id" || field.name() == "ids") return Id(kind_);
  if (field.name() == "filter")
    return Chance(50) ? "" : absl::StrCat("id = \"", Id(kind_), "\"", Chance(30) ? " AND name = \"x*\"" : "");
  if (field.name() == "order_by") return Chance(80) ? "" : "id desc";
  if (field.name().ends_with("token") || field.name() == "etag") return Chance(80) ? "" : "\"1\"";
  if (field.name() == "request_id") return absl::StrCat("request-", random_() % 1000);
  if (field.name() == "permission") return "registry.alliance.read";
  return absl::StrCat("甲", random_() % 1000);
}

std::string RandomHttp::Scalar(const Field& field) {
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      return Text(field, RuleOf(field));
    case Field::CPPTYPE_BOOL:
      return Chance(50) ? "true" : "false";
    case Field::CPPTYPE_ENUM:
      if (Wrong()) return Chance(50) ? "NOT_THERE" : std::to_string(random_() % 90);
      return field.enum_type()
          ->value(1 + static_cast<int>(random_() % (field.enum_type()->value_count() - 1)))
          ->name();
    case Field::CPPTYPE_MESSAGE:
      if (field.message_type()->full_name() == "google.protobuf.Timestamp")
        return Wrong() ? "0000-01-01T00:00:00Z" : "2024-01-01T00:00:00Z";
      if (field.message_type()->full_name() == "google.protobuf.FieldMask")
        return Wrong() ? "a.b.c,," : Chance(50) ? "id,name" : "*";
      return "";
    default:
      return Wrong() ? OneOf(kNumbers) : std::to_string(1 + random_() % 100);
  }
}

std::string RandomHttp::Junk(int depth) {
  if (Chance(5)) return std::string(70, '[') + std::string(70, ']');
  if (Chance(10)) return Quoted(OneOf(kOddTexts));
  if (Chance(15)) return OneOf(kNumbers);
  if (depth < kDepthMax && Chance(20))
    return absl::StrCat("{\"id\":", Junk(depth + 1), ",\"x\":[", Junk(depth + 1), "]}");
  return OneOf(kJunk);
}

std::string RandomHttp::Value(const Field& field, int depth) {
  if (Wrong()) return Junk(depth);
  if (field.cpp_type() == Field::CPPTYPE_MESSAGE && !gateway::IsParameterType(field))
    return depth < kDepthMax ? Object(*field.message_type(), depth + 1, nullptr) : "{}";
  const std::string text = Scalar(field);
  const bool number = field.cpp_type() != Field::CPPTYPE_STRING && field.cpp_type() != Field::CPPTYPE_ENUM &&
                      field.cpp_type() != Field::CPPTYPE_MESSAGE;
  return number ? text : Quoted(text);
}

std::string RandomHttp::Object(const Type& type, int depth, const Field* but) {
  std::vector<std::string> members;
  for (int i = 0; i < type.field_count(); ++i) {
    const Field& field = *type.field(i);
    const FieldRule& rule = RuleOf(field);
    const bool ours = rule.output_only() || rule.computed();
    if (&field == but || Chance(ours ? 98 : rule.required() ? wrong_percent_ / 2 : 100 - filled_percent_))
      continue;
    std::string value;
    if (field.is_repeated() && !Wrong()) {
      std::vector<std::string> items;
      for (size_t count = (rule.required() ? 1 : 0) + random_() % 2; count > 0; --count)
        items.push_back(field.is_map() ? "\"k\":" + Value(*field.message_type()->field(1), depth)
                                       : Value(field, depth));
      value = absl::StrCat(field.is_map() ? "{" : "[", absl::StrJoin(items, ","), field.is_map() ? "}" : "]");
    } else {
      value = Value(field, depth);
    }
    const std::string name = Chance(90) ? field.json_name() : field.name();
    members.push_back(absl::StrCat("\"", name, "\":", value));
    if (Wrong() && Chance(20)) members.push_back(members.back());
  }
  if (Wrong() && Chance(30)) members.push_back(absl::StrCat("\"unknown\":", Junk(depth)));
  return absl::StrCat("{", absl::StrJoin(members, ","), "}");
}

std::string RandomHttp::Query(const gateway::Route& route) {
  std::vector<std::string> parameters;
  const Type& type = *route.method->descriptor->input_type();
  for (int i = 0; i < type.field_count(); ++i) {
    const Field* field = type.field(i);
    const bool in_path = std::any_of(route.variables.begin(), route.variables.end(),
                                     [&](const gateway::FieldPath& path) { return path.front() == field; });
    if (in_path || field == route.body || !gateway::IsParameterType(*field)) continue;
    if (Chance(RuleOf(*field).required() ? wrong_percent_ / 2 : 100 - filled_percent_)) continue;
    const std::string text = Wrong() ? OneOf(kOddTexts) : Scalar(*field);
    parameters.push_back(absl::StrCat(field->json_name(), "=", PercentEncoded(text)));
    if (Wrong() && Chance(20)) parameters.push_back(parameters.back());
  }
  if (Wrong() && Chance(20)) parameters.push_back("unknown=%zz");
  return parameters.empty() ? "" : "?" + absl::StrJoin(parameters, "&");
}

void RandomHttp::AddBody(const gateway::Route& route, Call* call) {
  if (!route.takes_body() && !(Wrong() && Chance(10))) return;
  const Type& type =
      route.body != nullptr ? *route.body->message_type() : *route.method->descriptor->input_type();
  const Field* in_path = route.variables.empty() ? nullptr : route.variables.front().back();
  call->body = Wrong() && Chance(20) ? Junk(0) : Object(type, 0, in_path);
  if (Wrong() && Chance(20)) call->body.resize(call->body.size() * 2 / 3);
  if (!call->body.empty())
    absl::StrAppend(&call->headers,
                    "Content-Type: ", Wrong() && Chance(10) ? "text/plain" : "application/json", "\r\n");
}

RandomHttp::Call RandomHttp::Next(const gateway::Route& route) {
  constexpr int kWrongPercents[] = {0, 0, 4, 40};
  wrong_percent_ = kWrongPercents[random_() % std::size(kWrongPercents)];
  constexpr int kFilledPercents[] = {0, 5, 50};
  filled_percent_ = kFilledPercents[random_() % std::size(kFilledPercents)];
  kind_ = KindOf(route);
  if (kind_.empty() && route.path.find("/identity/clients") != std::string::npos) kind_ = "client";
  Call call;
  call.method = route.http_method;
  // The templates of our API have variables of one segment only.
  size_t variable = 0;
  for (size_t at = 0; at < route.path.size(); ++at) {
    if (route.path[at] != '{') {
      call.target += route.path[at];
      continue;
    }
    const Field& field = *route.variables[variable++].back();
    const std::string text = Wrong() ? OneOf(kOddTexts) : Text(field, RuleOf(field));
    call.target += PercentEncoded(text);
    at = route.path.find('}', at);
  }
  call.target += Query(route);
  AddBody(route, &call);
  if (Chance(filled_percent_ / 3)) absl::StrAppend(&call.headers, "If-Match: \"", random_() % 3, "\"\r\n");
  if (Chance(filled_percent_ / 3))
    absl::StrAppend(&call.headers, "Idempotency-Key: key-", random_() % 300, "\r\n");
  if (Chance(10)) call.headers += "If-None-Match: \"1\"\r\n";
  if (Chance(5)) call.headers += "Lianqiao-After: nonsense\r\n";
  if (Chance(20)) call.headers += "Accept-Language: en\r\n";
  return call;
}

}  // namespace lianqiao::conformance
