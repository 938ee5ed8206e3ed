// SPDX-License-Identifier: Apache-2.0
// create and update: a record as JSON, from a file or standard input.
#include <google/protobuf/field_mask.pb.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/base/status.h"
#include "libs/json/json.h"
#include "simdjson.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/record_text.h"

namespace lianqiao::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Draft {
  const contract::Resource* resource = nullptr;
  const contract::Method* method = nullptr;
  std::unique_ptr<Message> request;
  Message* record = nullptr;  // Inside the request.
  std::string json;
};

absl::StatusOr<Draft> ReadDraft(const Context& context, const Platform& platform,
                                contract::Standard standard) {
  Draft draft;
  ASSIGN_OR_RETURN(draft.resource, platform.FindKind(context.arguments.words()[0]));
  ASSIGN_OR_RETURN(draft.method, platform.FindMethod(*draft.resource, standard));
  const std::string file = context.arguments.Has("file") ? context.arguments.Text("file") : "-";
  ASSIGN_OR_RETURN(draft.json, ReadText(file, base::kMessageBytesMax));
  draft.request = NewMessage(draft.method->descriptor->input_type());
  const auto& reflection = *draft.request->GetReflection();
  draft.record = reflection.MutableMessage(draft.request.get(), draft.method->record);
  std::vector<base::Violation> violations;
  RETURN_IF_ERROR(json::JsonToMessage(draft.json, {}, draft.record, &violations));
  const auto set_text = [&](const char* name, const std::string& text) {
    const FieldDescriptor* field = draft.request->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) reflection.SetString(draft.request.get(), field, text);
  };
  // A repetition of the call, here or by the caller, does nothing twice.
  set_text("request_id",
           context.arguments.Has("request-id") ? context.arguments.Text("request-id") : base::RandomId());
  const FieldDescriptor* dry = draft.request->GetDescriptor()->FindFieldByName("validate_only");
  if (dry != nullptr) reflection.SetBool(draft.request.get(), dry, context.arguments.Has("dry-run"));
  return draft;
}

absl::Status Send(const Draft& draft, Platform& platform, const Context& context) {
  const std::unique_ptr<Message> answer = NewMessage(draft.method->descriptor->output_type());
  RETURN_IF_ERROR(platform.Call(draft.method->path, *draft.request, answer.get()));
  if (context.arguments.Has("dry-run") && !context.quiet)
    std::cerr << context.Say("仅校验:以下记录未写入\n", "checked only: what follows was not written\n");
  return PrintRecord(*draft.resource, *answer, context, std::cout);
}

absl::Status Create(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  ASSIGN_OR_RETURN(const Draft draft, ReadDraft(context, *platform, contract::Standard::kCreate));
  return Send(draft, *platform, context);
}

// The fields that the JSON names, set or null, are the ones that change.
absl::Status SetMask(const Draft& draft) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(draft.json).get_object().get(object) != simdjson::SUCCESS)
    return Failed(absl::StatusCode::kInvalidArgument, "记录应为 JSON 对象",
                  "the record must be a JSON object");
  const FieldDescriptor* mask = draft.request->GetDescriptor()->FindFieldByName("update_mask");
  auto* paths = static_cast<google::protobuf::FieldMask*>(
      draft.request->GetReflection()->MutableMessage(draft.request.get(), mask));
  for (const auto member : object) {
    for (const contract::Field& field : draft.resource->fields) {
      const bool named = member.key == field.name || member.key == field.descriptor->json_name();
      if (named && !field.platform_written) paths->add_paths(field.name);
    }
  }
  return absl::OkStatus();
}

absl::Status Update(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  ASSIGN_OR_RETURN(const Draft draft, ReadDraft(context, *platform, contract::Standard::kUpdate));
  const auto& reflection = *draft.record->GetReflection();
  reflection.SetString(draft.record, draft.resource->id->descriptor, context.arguments.words()[1]);
  if (context.arguments.Has("etag"))
    reflection.SetString(draft.record, draft.resource->etag->descriptor, context.arguments.Text("etag"));
  RETURN_IF_ERROR(SetMask(draft));
  return Send(draft, *platform, context);
}

std::vector<Option> Options() {
  return {{"file", "FILE", "JSON 记录(默认标准输入)", "the record as JSON (standard input by default)"},
          {"request-id", "ID", "请求编号;重复提交不会重复写入",
           "an id of the request: sent again, it does nothing twice"},
          {"dry-run", "", "仅校验,不写入", "checks everything, writes nothing"}};
}

}  // namespace

Command CreateCommand() {
  return {"create", "KIND", 1, 1, "新增一条记录", "adds a record", Options(), Create};
}

Command UpdateCommand() {
  std::vector<Option> options = Options();
  options.push_back({"etag", "ETAG", "仅当版本标签相符", "only if the record still has this etag"});
  return {"update", "KIND ID", 2, 2, "修改 JSON 中出现的字段", "changes the fields that the JSON names",
          options,  Update};
}

}  // namespace lianqiao::cli
