// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/transcode.h"

#include <simdjson.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "lianqiao/options/v1/options.pb.h"
#include "libs/base/limits.h"
#include "libs/json/json.h"
#include "services/gateway/parameter.h"
#include "services/gateway/present_keys.h"
#include "services/gateway/wire.h"

namespace lianqiao::gateway {
namespace {

using base::ErrorReason;
using base::Refuse;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kParametersMax = 1100;  // The ids of a batch, and what else it says.

std::string JsonPath(const FieldPath& path) {
  std::string name;
  for (const FieldDescriptor* field : path)
    absl::StrAppend(&name, name.empty() ? "" : ".", field->json_name());
  return name;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

class Transcoder {
 public:
  Transcoder(const RouteTable& table, const Match& match, const RequestParts& parts, std::string* wire,
             std::vector<base::Violation>* violations)
      : table_(table),
        route_(*match.route),
        match_(match),
        parts_(parts),
        wire_(wire),
        violations_(violations) {}

  absl::Status Run() {
    if (absl::Status status = Body(); !status.ok()) return status;
    Query();
    Path();
    Header(route_.etag, "If-Match", EtagOf(parts_.if_match));
    Header(route_.request_id == nullptr ? FieldPath() : FieldPath{route_.request_id}, "Idempotency-Key",
           Unquoted(Trim(parts_.idempotency_key)));
    for (const FieldOfHeader& header : parts_.headers) Take(header);
    UpdateMask();
    return absl::OkStatus();
  }

 private:
  void Add(const std::string& field, ErrorReason reason, base::Arguments arguments = {}) {
    violations_->push_back(Refuse(field, reason, arguments));
  }
  bool has_body() const { return parts_.body != nullptr && !parts_.body->empty(); }
  const Descriptor* request() const { return route_.request; }

  absl::Status Body() {
    if (!has_body()) return absl::OkStatus();
    if (!route_.takes_body()) {
      Add("body", ErrorReason::FIELD_UNKNOWN);
      return absl::OkStatus();
    }
    json::ReadOptions options;
    const size_t violations_before = violations_->size();
    absl::Status status;
    if (route_.body_is_request) {
      status = json::JsonToWire(request(), *parts_.body, options, wire_, violations_);
    } else {
      options.path_prefix = route_.body->json_name();
      std::string record;
      status = json::JsonToWire(route_.body->message_type(), *parts_.body, options, &record, violations_);
      if (status.ok()) AppendPart(route_.body->number(), record, wire_);
    }
    body_valid_ = status.ok();
    return violations_->size() > violations_before ? absl::OkStatus() : status;
  }

  void Query() {
    std::string_view rest = parts_.query;
    for (int count = 0; !rest.empty(); ++count) {
      const size_t end = std::min(rest.find('&'), rest.size());
      const std::string_view pair = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.empty()) continue;
      if (count == kParametersMax) {
        return Add("query", ErrorReason::FIELD_TOO_MANY, {{"max", absl::StrCat(kParametersMax)}});
      }
      const size_t equals = std::min(pair.find('='), pair.size());
      std::string name;
      std::string value;
      const bool decoded = DecodeQuery(pair.substr(0, equals), &name) &&
                           DecodeQuery(pair.substr(std::min(equals + 1, pair.size())), &value);
      if (name.empty() || !simdjson::validate_utf8(name.data(), name.size())) name = "query";
      if (!decoded) {
        Add(name, ErrorReason::FIELD_BAD_FORMAT, {{"expected", "percent-encoding"}});
        continue;
      }
      Parameter(name, value);
    }
  }

  static bool DecodeQuery(std::string_view text, std::string* out) {
    if (text.find('+') == std::string_view::npos) return PercentDecode(text, true, out);
    std::string spaced(text);
    for (char& c : spaced) c = c == '+' ? ' ' : c;
    return PercentDecode(spaced, true, out);
  }

  // "parent.child", "labels[key]": the fields on the way, and the key of a map. False if it names none.
  bool ResolveParameter(const std::string& name, FieldPath* path, std::string* map_key, bool* has_key) const {
    std::string fields = name;
    *has_key = name.back() == ']' && name.find('[') != std::string::npos;
    if (*has_key) {
      const size_t bracket = name.find('[');
      fields = name.substr(0, bracket);
      *map_key = name.substr(bracket + 1, name.size() - bracket - 2);
    }
    const Descriptor* message = request();
    for (size_t start = 0; start <= fields.size();) {
      const size_t dot = std::min(fields.find('.', start), fields.size());
      if (message == nullptr || path->size() == static_cast<size_t>(base::kMessageDepthMax)) return false;
      if (!path->empty() && path->back()->is_repeated()) return false;
      const FieldDescriptor* field = table_.FindField(message, fields.substr(start, dot - start));
      if (field == nullptr || (path->empty() && field == route_.body)) return false;
      path->push_back(field);
      message = field->message_type();
      start = dot + 1;
    }
    if (path->back()->is_map()) return *has_key && IsParameterType(*path->back()->message_type()->field(1));
    return !*has_key && IsParameterType(*path->back());
  }

  bool BoundByPath(const FieldPath& path) const {
    for (const FieldPath& variable : route_.variables) {
      if (variable == path) return true;
    }
    return false;
  }

  // Where a file begins and ends is said by Range, whose answer says it back.
  bool BelongsToRange(const FieldPath& path) const {
    const StreamShape& shape = route_.stream;
    return shape.kind == StreamShape::Kind::kFile &&
           (path.back() == shape.offset || path.back() == shape.length);
  }

  void Parameter(const std::string& name, const std::string& value) {
    FieldPath path;
    std::string map_key;
    bool has_key = false;
    if (route_.body_is_request || !ResolveParameter(name, &path, &map_key, &has_key) || BoundByPath(path) ||
        BelongsToRange(path)) {
      return Add(name, ErrorReason::PARAMETER_UNKNOWN);
    }
    const FieldDescriptor* field = path.back();
    const std::string parent = JsonPath({path.begin(), path.end() - 1});
    std::string canonical = JsonPath(path);
    if (has_key) absl::StrAppend(&canonical, "[\"", map_key, "\"]");
    if ((has_key || !field->is_repeated()) && !seen_.insert(canonical).second) {
      return Add(canonical, ErrorReason::FIELD_DUPLICATE);
    }
    if (const auto* oneof = field->real_containing_oneof()) {
      const auto [other, first] = oneofs_.emplace(absl::StrCat(parent, "/", oneof->name()), canonical);
      if (!first) return Add(canonical, ErrorReason::FIELD_CONFLICT, {{"other", other->second}});
    }
    std::string bytes;
    if (has_key) {
      std::string entry;
      AppendParameter(*field->message_type()->field(0), canonical, map_key, &entry, violations_);
      AppendParameter(*field->message_type()->field(1), canonical, value, &entry, violations_);
      AppendPart(field->number(), entry, &bytes);
    } else {
      AppendParameter(*field, canonical, value, &bytes, violations_);
    }
    AppendNested(path, bytes, wire_);
    if (path.size() == 1 && field == route_.update_mask) mask_sent_ = true;
  }

  void Path() {
    for (size_t i = 0; i < match_.values.size(); ++i) {
      const FieldPath& path = route_.variables[i];
      const TemplateVariable& variable = route_.path_template.variables[i];
      const std::string name = JsonPath(path);
      std::string value;
      const bool whole = !variable.rest && variable.last - variable.first == 1;
      if (!PercentDecode(match_.values[i], whole, &value)) {
        Add(name, ErrorReason::FIELD_BAD_FORMAT, {{"expected", "percent-encoding"}});
        continue;
      }
      std::string_view sent;
      if (has_body() && path.back()->type() == FieldDescriptor::TYPE_STRING &&
          FindText(*wire_, path, &sent) && !sent.empty() && sent != value) {
        Add(name, ErrorReason::FIELD_CONFLICT, {{"other", "path"}});
        continue;
      }
      std::string bytes;
      AppendParameter(*path.back(), name, value, &bytes, violations_);
      AppendNested(path, bytes, wire_);
    }
  }

  static std::string_view Unquoted(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2)
                                                                         : text;
  }

  // One strong tag, quotes included: so AIP-154 writes the field too. `*` asks for nothing more than that the
  // record exists, which every change needs anyway.
  std::string_view EtagOf(std::string_view header) {
    header = Trim(header);
    if (header.empty() || header == "*") return "";
    if (header.size() < 3 || header.front() != '"' || header.find('"', 1) != header.size() - 1) {
      Add("If-Match", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "\"etag\""}});
      return "";
    }
    return header;
  }

  // A header that stands for a field. It must not contradict the field, and must not be ignored silently
  // where the caller relies on it.
  void Header(const FieldPath& path, const char* name, std::string_view value) {
    if (value.empty()) return;
    if (path.empty()) {
      if (route_.http_method != "GET") Add(name, ErrorReason::FIELD_UNKNOWN);
      return;
    }
    std::string_view sent;
    if (FindText(*wire_, path, &sent) && !sent.empty() && sent != value) {
      return Add(name, ErrorReason::FIELD_CONFLICT, {{"other", JsonPath(path)}});
    }
    std::string bytes;
    AppendParameter(*path.back(), name, std::string(value), &bytes, violations_);
    AppendNested(path, bytes, wire_);
  }

  void Take(const FieldOfHeader& header) {
    const std::string& name = header.field->json_name();
    if (!header.wins && seen_.count(name) > 0)
      return Add(name, ErrorReason::FIELD_CONFLICT, {{"other", header.header}});
    AppendParameter(*header.field, name, header.value, wire_, violations_);
  }

  // What the platform writes itself comes back with every record that was read; a client that sends the whole
  // record again means the other fields. Alone, such a field stays in the mask so that the service refuses
  // it.
  void UpdateMask() {
    if (route_.update_mask == nullptr || mask_sent_ || !has_body() || !body_valid_) return;
    std::string mask;
    std::string platform_written;
    for (const std::string& key : PresentKeys(*parts_.body)) {
      const FieldDescriptor* field = table_.FindField(route_.body->message_type(), key);
      if (field == nullptr || BoundByPath({route_.body, field}) || field->name() == "etag") continue;
      const bool written = field->options().GetExtension(options::v1::field).output_only();
      AppendPart(1, field->name(), written ? &platform_written : &mask);
    }
    if (mask.empty()) mask = platform_written;
    if (!mask.empty()) AppendPart(route_.update_mask->number(), mask, wire_);
  }

  const RouteTable& table_;
  const Route& route_;
  const Match& match_;
  const RequestParts& parts_;
  std::string* wire_;
  std::vector<base::Violation>* violations_;
  bool body_valid_ = false;
  bool mask_sent_ = false;
  std::set<std::string> seen_;
  std::map<std::string, std::string> oneofs_;
};

// `response_body` names one field: its JSON is the whole answer.
absl::Status WriteField(const Route& route, const std::string& wire, std::string* json) {
  const FieldDescriptor& field = *route.response_body;
  std::string only;
  if (!CopyField(wire, field.number(), &only)) return absl::InternalError("malformed response");
  std::string object;
  absl::Status status = json::WireToJson(route.method->descriptor->output_type(), only, {}, &object);
  if (!status.ok()) return status;
  const std::string head = absl::StrCat("{\"", field.json_name(), "\":");
  if (object.size() > head.size() && object.compare(0, head.size(), head) == 0) {
    json->append(object, head.size(), object.size() - head.size() - 1);
  } else {
    json->append(field.is_map() || !field.is_repeated() ? "{}" : "[]");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ToRequest(const RouteTable& table, const Match& match, const RequestParts& parts,
                       std::string* wire, std::vector<base::Violation>* violations) {
  return Transcoder(table, match, parts, wire, violations).Run();
}

absl::Status ToResponse(const Route& route, const std::string& wire, std::string* json, std::string* etag) {
  etag->clear();
  std::string_view value;
  if (route.response_etag != nullptr && FindText(wire, {route.response_etag}, &value) && !value.empty()) {
    const absl::string_view text(value.data(), value.size());
    *etag = text.front() == '"' ? std::string(text) : absl::StrCat("\"", text, "\"");
  }
  if (route.response_body != nullptr) return WriteField(route, wire, json);
  return json::WireToJson(route.method->descriptor->output_type(), wire, {}, json);
}

bool NamesEtag(std::string_view if_none_match, std::string_view etag) {
  if (etag.empty() || if_none_match.empty()) return false;
  while (!if_none_match.empty()) {
    const size_t comma = std::min(if_none_match.find(','), if_none_match.size());
    std::string_view one = Trim(if_none_match.substr(0, comma));
    if_none_match.remove_prefix(std::min(comma + 1, if_none_match.size()));
    if (one.substr(0, 2) == "W/") one.remove_prefix(2);
    if (one == "*" || one == etag) return true;
  }
  return false;
}

}  // namespace lianqiao::gateway
