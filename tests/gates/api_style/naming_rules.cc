// SPDX-License-Identifier: Apache-2.0
// Packages, fields, states and enums.
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lianqiao/options/v1/options.pb.h"
#include "re2/re2.h"
#include "tests/gates/api_style/proto_tree.h"

namespace lianqiao::gates {
namespace {

// Enums whose values people never see as a choice, so that they need no label; each with its reason.
const std::set<std::string> kWithoutLabels = {
    "lianqiao.options.v1.ErrorReason",  // Carries its own texts in both languages.
    "lianqiao.options.v1.Format",       // Read by those who write contracts.
};
// Enums inside a message, whose values the message's name sets apart already.
const std::set<std::string> kWithoutPrefix = {
    "lianqiao.options.v1.ErrorReason",  // Reasons stand alone in google.rpc.ErrorInfo.
    "lianqiao.type.v1.UpsertResult.Outcome",
};

// "ALLIANCE_TYPE" for AllianceType.
std::string UpperSnake(const std::string& camel) {
  std::string upper;
  for (size_t i = 0; i < camel.size(); ++i) {
    const bool capital = camel[i] >= 'A' && camel[i] <= 'Z';
    if (capital && i > 0) upper.push_back('_');
    upper.push_back(capital ? camel[i] : static_cast<char>(camel[i] - 'a' + 'A'));
  }
  return upper;
}

void CheckPackage(const FileDescriptor& file, Findings* findings) {
  const std::string folder = absl::StrReplaceAll(file.package(), {{".", "/"}}) + "/";
  if (!absl::StartsWith(file.name(), folder) || file.name().find('/', folder.size()) != std::string::npos)
    findings->push_back(absl::StrCat(file.name(), ": package ", file.package(), " belongs in proto/", folder,
                                     ": move the file or name the package after its folder"));
  if (!RE2::FullMatch(file.package(), "lianqiao\\.[a-z]+\\.v[1-9][0-9]*"))
    findings->push_back(absl::StrCat(file.name(), ": package ", file.package(),
                                     " is not lianqiao.<name>.v<number>: end it in a version"));
}

void CheckEnum(const EnumDescriptor& type, Findings* findings) {
  const bool prefixed = !kWithoutPrefix.contains(type.full_name());
  const std::string prefix = UpperSnake(type.name()) + "_";
  const std::string first = prefix + "UNSPECIFIED";
  const bool zero = type.value(0)->number() == 0 && absl::EndsWith(type.value(0)->name(), "UNSPECIFIED");
  if (!zero || (prefixed && type.value(0)->name() != first))
    findings->push_back(FindingAt(type, absl::StrCat("must begin with ", first, " = 0")));
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    if (prefixed && !absl::StartsWith(value.name(), prefix))
      findings->push_back(
          FindingAt(type, absl::StrCat("has the value ", value.name(), ": begin it with ", prefix)));
    if (value.number() == 0 || kWithoutLabels.contains(type.full_name())) continue;
    const auto& label = value.options().GetExtension(options::v1::label);
    if (label.zh().empty() || label.en().empty())
      findings->push_back(
          FindingAt(type, absl::StrCat("has no Chinese and English label on ", value.name(),
                                       ": add [(lianqiao.options.v1.label) = {zh: \"…\" en: \"…\"}]")));
  }
}

void CheckField(const FieldDescriptor& field, bool of_resource, Findings* findings) {
  const auto& rule = field.options().GetExtension(options::v1::field);
  const bool labelled = !rule.label().zh().empty() && !rule.label().en().empty();
  // Options are read by those who write contracts; requests and answers by people, in forms and documents.
  if (!labelled && field.file()->package() != "lianqiao.options.v1")
    findings->push_back(FindingAt(field,
                                  "has no label in both languages: add "
                                  "[(lianqiao.options.v1.field) = {label: {zh: \"…\" en: \"…\"}}]"));
  const bool is_state = of_resource && !field.is_repeated() && field.enum_type() != nullptr &&
                        (field.name() == "state" || field.name() == "status");
  if (is_state && !rule.output_only())
    findings->push_back(FindingAt(field,
                                  "is a state that a client could set: make it output_only and change it "
                                  "by transition methods"));
}

}  // namespace

Findings CheckNames(const ProtoTree& tree) {
  Findings findings;
  for (const FileDescriptor* file : tree.files()) CheckPackage(*file, &findings);
  for (const EnumDescriptor* type : tree.Enums()) CheckEnum(*type, &findings);
  for (const Descriptor* message : tree.Messages()) {
    const bool of_resource = IsResource(*message);
    if (of_resource && CommentOf(*message).empty())
      findings.push_back(FindingAt(*message, "is a resource without a comment: say what it is"));
    for (int i = 0; i < message->field_count(); ++i) CheckField(*message->field(i), of_resource, &findings);
  }
  return findings;
}

}  // namespace lianqiao::gates
