// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/error_messages/rendering.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace lianqiao::gates {
namespace {

using google::protobuf::Message;

std::string TextOf(const google::rpc::Status& answer) {
  google::rpc::LocalizedMessage text;
  for (const auto& detail : answer.details())
    if (detail.UnpackTo(&text)) return text.message();
  return "";
}

google::rpc::BadRequest FieldsOf(const google::rpc::Status& answer) {
  google::rpc::BadRequest fields;
  for (const auto& detail : answer.details())
    if (detail.UnpackTo(&fields)) break;
  return fields;
}

std::string Render(const google::rpc::Status& zh, const google::rpc::Status& en) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : en.details())
    if (detail.UnpackTo(&info)) break;
  std::string text = absl::StrCat("  ", absl::StatusCodeToString(static_cast<absl::StatusCode>(en.code())),
                                  " ", info.reason(), "\n    zh ", TextOf(zh), "\n    en ", TextOf(en), "\n");
  const auto fields_zh = FieldsOf(zh);
  const auto fields_en = FieldsOf(en);
  EXPECT_EQ(fields_zh.field_violations_size(), fields_en.field_violations_size());
  for (int i = 0; i < std::min(fields_zh.field_violations_size(), fields_en.field_violations_size()); ++i)
    absl::StrAppend(&text, "  ", fields_en.field_violations(i).field(), " ",
                    fields_en.field_violations(i).reason(), "\n    zh ",
                    fields_zh.field_violations(i).description(), "\n    en ",
                    fields_en.field_violations(i).description(), "\n");
  return text;
}

std::unique_ptr<Message> Parsed(const std::string& package, const BadRequest& bad,
                                const std::string& request) {
  const std::pair<std::string, std::string> names = absl::StrSplit(bad.method, '/');
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(package + names.first);
  const auto* method = service == nullptr ? nullptr : service->FindMethodByName(names.second);
  if (method == nullptr) {
    ADD_FAILURE() << "no method " << bad.method;
    return nullptr;
  }
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type())->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(request, message.get()))
      << bad.what << ": " << request;
  return message;
}

}  // namespace

std::string RefusalOf(rpc::Client& client, const std::string& path, const Message& request,
                      const std::string& authorization) {
  bool refused = true;
  const auto answer = [&](const std::string& language) {
    rpc::Client::Metadata metadata = {{rpc::kAcceptLanguage, language}};
    if (!authorization.empty()) metadata.emplace_back(rpc::kAuthorization, authorization);
    const auto got =
        client.CallAndWait(path, request.SerializeAsString(), metadata, absl::Now() + absl::Seconds(30));
    refused = refused && !got.status.ok();
    google::rpc::Status status;
    EXPECT_TRUE(status.ParseFromString(got.error_details)) << path;
    return status;
  };
  const google::rpc::Status zh = answer("zh-CN");
  if (!refused) return "";
  const std::string text = Render(zh, answer("en"));
  EXPECT_EQ(text.find(" INTERNAL"), std::string::npos) << path << ": " << text;
  return text;
}

std::string AnswersTo(rpc::Client& client, const std::string& package, const BadRequest& bad,
                      const std::string& request, const std::string& authorization) {
  const std::unique_ptr<Message> message = Parsed(package, bad, request);
  if (message == nullptr) return "";
  const std::string text = RefusalOf(client, absl::StrCat("/", package, bad.method), *message, authorization);
  EXPECT_NE(text, "") << bad.method << ", " << bad.what << ": is not refused: " << request;
  return text;
}

}  // namespace lianqiao::gates
