// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/record_text.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {
namespace {

absl::Status Digest(Context& context) {
  ASSIGN_OR_RETURN(const int parts, context.arguments.Integer("parts", 1, 1, 256));
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  const auto source = platform->NewSource();
  sync::v1::GetDigestRequest request;
  ASSIGN_OR_RETURN(const std::vector<std::string> kinds, platform->Kinds(context.arguments.List("kinds")));
  for (const std::string& kind : kinds) request.add_kinds(kind);
  for (const std::string& id : context.arguments.List("jurisdictions")) request.add_jurisdiction_ids(id);
  request.set_after_id(context.arguments.Text("after-id"));
  request.set_to_id(context.arguments.Text("to-id"));
  request.set_part_count(parts);
  ASSIGN_OR_RETURN(const sync::v1::Digest digest, source->GetDigest(request));
  if (context.json) {
    ASSIGN_OR_RETURN(const std::string json, JsonOf(digest));
    std::cout << json << '\n';
    return absl::OkStatus();
  }
  TextTable table({context.Say("类别", "kind"), context.Say("起(不含)", "after"), context.Say("止", "to"),
                   context.Say("记录数", "records"), context.Say("摘要和", "sum")});
  for (const auto& part : digest.parts()) {
    table.Add({part.kind(), part.after_id(), part.to_id(), Grouped(part.record_count()), part.sum()});
    for (const auto& record : part.records())
      table.Add({"", "", record.id(), absl::StrCat("r", record.revision()), ""});
  }
  table.Print(std::cout);
  std::cout << context.Say("游标 ", "cursor ") << digest.cursor() << '\n';
  for (const std::string& service : digest.incomplete_services())
    std::cerr << context.Say("未应答的服务:", "did not answer: ") << service << '\n';
  return absl::OkStatus();
}

}  // namespace

Command DigestCommand() {
  return {"digest",
          "",
          0,
          0,
          "显示各类别的一致性摘要",
          "shows the sums by which copies are compared",
          {{"kinds", "A,B", "只含这些类别", "these kinds only"},
           {"jurisdictions", "ID,ID", "只含这些辖区", "these jurisdictions only"},
           {"after-id", "ID", "起始编号(不含)", "ids above it"},
           {"to-id", "ID", "截止编号(含)", "ids up to it"},
           {"parts", "N", "分段数(1)", "parts (1)"}},
          Digest};
}

}  // namespace lianqiao::cli
