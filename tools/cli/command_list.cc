// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>

#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/limits.h"
#include "libs/base/status.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/record_text.h"

namespace lianqiao::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The records of a list's answer.
std::vector<const Message*> RecordsOf(const Message& response, const contract::Resource& resource) {
  std::vector<const Message*> records;
  for (int i = 0; i < response.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = response.GetDescriptor()->field(i);
    if (!field->is_repeated() || field->message_type() != resource.descriptor) continue;
    for (int n = 0; n < response.GetReflection()->FieldSize(response, field); ++n)
      records.push_back(&response.GetReflection()->GetRepeatedMessage(response, field, n));
  }
  return records;
}

absl::Status List(Context& context) {
  ASSIGN_OR_RETURN(const int limit, context.arguments.Integer("limit", 100, 1, 1000000));
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  ASSIGN_OR_RETURN(const contract::Resource* resource, platform->FindKind(context.arguments.words()[0]));
  ASSIGN_OR_RETURN(const contract::Method* method,
                   platform->FindMethod(*resource, contract::Standard::kList));
  type::v1::ListRequest request;
  request.set_filter(context.arguments.Text("filter"));
  request.set_order_by(context.arguments.Text("order-by"));
  request.set_valid_on(context.arguments.Text("valid-on"));
  request.set_show_deleted(context.arguments.Has("show-deleted"));
  for (int left = limit; left > 0;) {
    request.set_page_size(std::min(left, base::kPageSizeMax));
    const std::unique_ptr<Message> response = NewMessage(method->descriptor->output_type());
    RETURN_IF_ERROR(platform->Call(method->path, request, response.get()));
    const std::vector<const Message*> records = RecordsOf(*response, *resource);
    RETURN_IF_ERROR(PrintRecords(*resource, records, context.arguments.List("columns"), context, std::cout));
    left -= static_cast<int>(records.size());
    const FieldDescriptor* next = response->GetDescriptor()->FindFieldByName("next_page_token");
    request.set_page_token(response->GetReflection()->GetString(*response, next));
    if (request.page_token().empty()) return absl::OkStatus();
  }
  if (!context.quiet)
    std::cerr << context.Say("还有更多记录,请加大 --limit\n", "there are more: raise --limit\n");
  return absl::OkStatus();
}

}  // namespace

Command ListCommand() {
  return {"list",
          "KIND",
          1,
          1,
          "列出记录",
          "lists records",
          {{"filter", "TEXT", "筛选条件,如 name : \"小学\"", "a filter, such as name : \"school\""},
           {"order-by", "TEXT", "排序,如 \"name desc, id\"", "an order, such as \"name desc, id\""},
           {"limit", "N", "最多条数(100)", "how many at most (100)"},
           {"columns", "A,B", "表格的列(字段名)", "the table's columns by field"},
           {"valid-on", "YYYY-MM-DD", "该日有效", "in force on that day"},
           {"show-deleted", "", "含已删除", "deleted ones too"}},
          List};
}

}  // namespace lianqiao::cli
