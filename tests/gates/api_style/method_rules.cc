// SPDX-License-Identifier: Apache-2.0
// Comments, routes, access and the shapes of standard methods.
#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/api/annotations.pb.h"
#include "google/rpc/code.pb.h"
#include "lianqiao/options/v1/options.pb.h"
#include "tests/gates/api_style/proto_tree.h"

namespace lianqiao::gates {
namespace {

using options::v1::ResourceRule;

// Methods that outside clients never call, so that the gateway has no route for them; each with its reason.
const std::set<std::string> kInternal = {
    "lianqiao.identity.v1.GrantFeedService.ListGrantChanges",  // Services follow the grants over gRPC.
    "lianqiao.identity.v1.GrantFeedService.GetClientAccess",
    "lianqiao.identity.v1.AccessLogService.AppendAccessLog",  // And send what they recorded.
    "lianqiao.identity.v1.TokenService.IssueToken",  // Outside it is /oauth2/token, a form and no JSON.
};

const char kStandard[] = "lianqiao.type.v1.";

void CheckComment(const MethodDescriptor& method, Findings* findings) {
  const std::string comment = CommentOf(method);
  const size_t at = comment.rfind("Errors:");
  if (at == std::string::npos || absl::StripAsciiWhitespace(comment.substr(0, at)).empty()) {
    findings->push_back(FindingAt(method,
                                  "needs a comment that says what it does and ends with \"Errors: NOT_FOUND, "
                                  "INVALID_ARGUMENT.\""));
    return;
  }
  std::string list = comment.substr(at + 7);
  std::replace(list.begin(), list.end(), '\n', ' ');
  absl::StripAsciiWhitespace(&list);
  if (!absl::EndsWith(list, "."))
    findings->push_back(FindingAt(method, "must end its list of errors with a full stop"));
  std::set<std::string> codes;
  for (const auto& part : absl::StrSplit(absl::StripSuffix(list, "."), ',')) {
    const std::string code(absl::StripAsciiWhitespace(part));
    google::rpc::Code parsed;
    if (!google::rpc::Code_Parse(code, &parsed) || parsed == google::rpc::OK)
      findings->push_back(
          FindingAt(method, absl::StrCat("names the error \"", code, "\", which is no canonical code")));
    if (!codes.insert(code).second)
      findings->push_back(FindingAt(method, absl::StrCat("names ", code, " twice")));
  }
  const auto& access = method.options().GetExtension(options::v1::access);
  if (!access.public_() && !codes.contains("UNAUTHENTICATED"))
    findings->push_back(FindingAt(method, "needs a token: name UNAUTHENTICATED among its errors"));
  if (!access.public_() && !access.any_client() && !codes.contains("PERMISSION_DENIED"))
    findings->push_back(FindingAt(method, "needs a right: name PERMISSION_DENIED among its errors"));
}

std::string PathOf(const google::api::HttpRule& rule) {
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      return "GET " + rule.get();
    case google::api::HttpRule::kPost:
      return "POST " + rule.post();
    case google::api::HttpRule::kPatch:
      return "PATCH " + rule.patch();
    case google::api::HttpRule::kDelete:
      return "DELETE " + rule.delete_();
    default:
      return "";
  }
}

void CheckRoute(const MethodDescriptor& method, Findings* findings) {
  const bool routed = method.options().HasExtension(google::api::http);
  if (kInternal.contains(method.full_name())) {
    if (routed)
      findings->push_back(FindingAt(method, "has a route but stands in kInternal: strike it there"));
    return;
  }
  if (!routed) {
    findings->push_back(FindingAt(method,
                                  "has no google.api.http option: add its route, or add it to kInternal of "
                                  "this gate with the reason"));
    return;
  }
  const std::string path = PathOf(method.options().GetExtension(google::api::http));
  if (path.find(" /v1/") == std::string::npos)
    findings->push_back(FindingAt(method, absl::StrCat("has the route \"", path, "\": begin it with /v1/")));
  const auto wants = [&](const char* prefix, const char* verb) {
    if (absl::StartsWith(method.name(), prefix) && !absl::StartsWith(path, verb))
      findings->push_back(
          FindingAt(method, absl::StrCat("has the route \"", path, "\": a ", prefix, " is a ", verb)));
  };
  wants("Get", "GET ");
  wants("BatchGet", "GET ");
  wants("List", "GET ");
  wants("Create", "POST ");
  wants("Update", "PATCH ");
  wants("Delete", "DELETE ");
}

struct Shape {
  std::string request;
  std::string response;
  std::vector<std::string> request_fields;
};

// The resource whose method this is by its name, and the shape that the name asks for; an empty request if
// it is no standard method of it.
Shape ShapeOf(const MethodDescriptor& method, const Descriptor& resource) {
  const std::string package = resource.file()->package() + ".";
  const std::string& name = method.name();
  const std::string& one = resource.name();
  const std::string& many = resource.options().GetExtension(options::v1::resource).plural();
  const std::string own = package + name + "Request";
  const std::string answer = package + name + "Response";
  if (name == "Get" + one) return {absl::StrCat(kStandard, "GetRequest"), resource.full_name(), {}};
  if (name == "BatchGet" + many) return {absl::StrCat(kStandard, "BatchGetRequest"), answer, {}};
  if (name == "List" + many) return {absl::StrCat(kStandard, "ListRequest"), answer, {}};
  if (name == "Delete" + one || name == "Undelete" + one)
    return {absl::StrCat(kStandard, "DeleteRequest"), resource.full_name(), {}};
  if (name == "Create" + one) return {own, resource.full_name(), {"request_id", "validate_only"}};
  if (name == "Update" + one)
    return {own, resource.full_name(), {"update_mask", "request_id", "validate_only"}};
  if (name == "BatchUpsert" + many)
    return {own, answer, {"source_system", "atomic", "request_id", "validate_only"}};
  return {};
}

bool HoldsRecord(const Descriptor& message, const Descriptor& record) {
  for (int i = 0; i < message.field_count(); ++i)
    if (message.field(i)->message_type() == &record) return true;
  return false;
}

void CheckShape(const MethodDescriptor& method, const Descriptor& resource, Findings* findings) {
  const Shape shape = ShapeOf(method, resource);
  if (shape.request.empty()) return;
  if (method.input_type()->full_name() != shape.request ||
      method.output_type()->full_name() != shape.response)
    findings->push_back(
        FindingAt(method, absl::StrCat("must be (", shape.request, ") returns (", shape.response, ")")));
  for (const std::string& field : shape.request_fields)
    if (method.input_type()->FindFieldByName(field) == nullptr)
      findings->push_back(FindingAt(*method.input_type(), absl::StrCat("must have the field ", field)));
  const bool own_request = !shape.request_fields.empty();
  if (own_request && !HoldsRecord(*method.input_type(), resource))
    findings->push_back(
        FindingAt(*method.input_type(), absl::StrCat("must hold the ", resource.name(), " to write")));
  const bool page = absl::StartsWith(method.name(), "List");
  if (page && method.output_type()->FindFieldByName("next_page_token") == nullptr)
    findings->push_back(FindingAt(*method.output_type(), "must have the field next_page_token"));
  const bool list = page || absl::StartsWith(method.name(), "BatchGet");
  if (list && !HoldsRecord(*method.output_type(), resource))
    findings->push_back(
        FindingAt(*method.output_type(), absl::StrCat("must hold repeated ", resource.name())));
}

void CheckTransition(const MethodDescriptor& method, Findings* findings) {
  if (!method.options().HasExtension(options::v1::transition)) return;
  const auto& rule = method.options().GetExtension(options::v1::transition);
  const Descriptor& resource = *method.output_type();
  if (method.input_type()->full_name() != absl::StrCat(kStandard, "TransitionRequest") ||
      !IsResource(resource)) {
    findings->push_back(FindingAt(method,
                                  "is a transition: it takes lianqiao.type.v1.TransitionRequest and returns "
                                  "the resource"));
    return;
  }
  const FieldDescriptor* state = resource.FindFieldByName(rule.field());
  if (state == nullptr || !state->options().GetExtension(options::v1::field).output_only())
    findings->push_back(
        FindingAt(method, absl::StrCat("moves ", resource.name(), ".", rule.field(),
                                       ", which a client could set itself: make it output_only")));
}

}  // namespace

Findings CheckMethods(const ProtoTree& tree) {
  Findings findings;
  std::vector<const Descriptor*> resources = tree.Messages();
  std::erase_if(resources, [](const Descriptor* message) { return !IsResource(*message); });
  for (const MethodDescriptor* method : tree.Methods()) {
    CheckComment(*method, &findings);
    CheckRoute(*method, &findings);
    CheckTransition(*method, &findings);
    if (!method->options().HasExtension(options::v1::access))
      findings.push_back(FindingAt(*method,
                                   "has no access option: say who may call it with "
                                   "option (lianqiao.options.v1.access) = {…}"));
    for (const Descriptor* resource : resources)
      if (resource->file()->package() == method->file()->package()) CheckShape(*method, *resource, &findings);
  }
  return findings;
}

}  // namespace lianqiao::gates
