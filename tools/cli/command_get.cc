// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/record_text.h"

namespace lianqiao::cli {
namespace {

absl::Status Get(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  ASSIGN_OR_RETURN(const contract::Resource* resource, platform->FindKind(context.arguments.words()[0]));
  ASSIGN_OR_RETURN(const contract::Method* method, platform->FindMethod(*resource, contract::Standard::kGet));
  type::v1::GetRequest request;
  const std::string& id = context.arguments.words()[1];
  if (base::IsId(id)) {
    request.set_id(id);
  } else {
    request.set_external_id(id);
  }
  request.set_valid_on(context.arguments.Text("valid-on"));
  request.set_show_deleted(context.arguments.Has("show-deleted"));
  const std::unique_ptr<google::protobuf::Message> record = NewMessage(resource->descriptor);
  RETURN_IF_ERROR(platform->Call(method->path, request, record.get()));
  return PrintRecord(*resource, *record, context, std::cout);
}

}  // namespace

Command GetCommand() {
  return {"get",
          "KIND ID|SYSTEM:ID",
          2,
          2,
          "显示一条记录",
          "shows one record",
          {{"valid-on", "YYYY-MM-DD", "该日有效", "as in force on that day"},
           {"show-deleted", "", "含已删除", "also a deleted one"}},
          Get};
}

}  // namespace lianqiao::cli
