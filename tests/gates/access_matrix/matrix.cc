// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/access_matrix/matrix.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lianqiao/type/v1/standard.pb.h"

namespace lianqiao::gates {

const char kCodes[] =
    "# ok done  fp a rule or a state forbids it, after all rights  ia values are refused, or a reference "
    "that is not visible\n"
    "# ae already exists  nf NOT_FOUND  pd PERMISSION_DENIED  ua UNAUTHENTICATED  1 listed  0 not listed\n";

std::string ShortCode(absl::StatusCode code) {
  static const std::map<absl::StatusCode, std::string> kShort = {
      {absl::StatusCode::kOk, "ok"},
      {absl::StatusCode::kInvalidArgument, "ia"},
      {absl::StatusCode::kFailedPrecondition, "fp"},
      {absl::StatusCode::kAlreadyExists, "ae"},
      {absl::StatusCode::kNotFound, "nf"},
      {absl::StatusCode::kPermissionDenied, "pd"},
      {absl::StatusCode::kUnauthenticated, "ua"}};
  const auto found = kShort.find(code);
  return found == kShort.end() ? absl::StatusCodeToString(code) : found->second;
}

bool IsList(const contract::Method& method) {
  const bool paged = method.standard == contract::Standard::kCustom &&
                     method.descriptor->output_type()->FindFieldByName("next_page_token") != nullptr;
  return paged || method.descriptor->name().starts_with("List");
}

std::pair<std::string, std::string> AnswerOf(const contract::Method& method, const absl::Status& status,
                                             const google::protobuf::Message& response) {
  if (!status.ok()) return {ShortCode(status.code()), std::string(status.message())};
  const auto& get = *response.GetReflection();
  for (int i = 0; i < response.GetDescriptor()->field_count(); ++i) {
    const contract::FieldDescriptor* field = response.GetDescriptor()->field(i);
    if (IsList(method) && field->is_repeated()) return {get.FieldSize(response, field) == 0 ? "0" : "1", ""};
    if (field->message_type() != type::v1::UpsertResult::descriptor() || get.FieldSize(response, field) == 0)
      continue;
    const auto& result =
        static_cast<const type::v1::UpsertResult&>(get.GetRepeatedMessage(response, field, 0));
    return {ShortCode(static_cast<absl::StatusCode>(result.code())), result.message()};
  }
  return {"ok", ""};
}

std::string MatrixHead(const std::vector<std::string>& roles) {
  std::string line = absl::StrFormat("%-64s", "");
  for (const std::string& role : roles) absl::StrAppend(&line, absl::StrFormat(" %-9s", role));
  return std::string(absl::StripTrailingAsciiWhitespace(line)) + "\n";
}

std::string MatrixLine(const contract::Method& method, const std::vector<std::string>& home,
                       const std::vector<std::string>& away) {
  std::string line = absl::StrFormat(
      "%-64s", absl::StrCat(method.descriptor->service()->name(), "/", method.descriptor->name()));
  for (size_t i = 0; i < home.size(); ++i)
    absl::StrAppend(&line, absl::StrFormat(" %-9s", home[i] + "/" + away[i]));
  return std::string(absl::StripTrailingAsciiWhitespace(line)) + "\n";
}

std::vector<const contract::Method*> MethodsByService(const contract::Contract& contract) {
  std::vector<const contract::Method*> methods;
  for (const auto& method : contract.methods()) methods.push_back(method.get());
  std::stable_sort(methods.begin(), methods.end(), [](const auto* a, const auto* b) {
    return a->descriptor->service()->name() < b->descriptor->service()->name();
  });
  return methods;
}

}  // namespace lianqiao::gates
