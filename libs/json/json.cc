// SPDX-License-Identifier: Apache-2.0
#include "libs/json/json.h"

#include <limits>

#include "libs/json/buffer.h"
#include "libs/json/document.h"
#include "libs/json/plan.h"
#include "libs/json/reader.h"
#include "libs/json/writer.h"

namespace lianqiao::json {

using base::ErrorReason;

namespace {

// simdjson counts in 32 bits.
constexpr size_t kBytesMax = std::numeric_limits<int32_t>::max();

}  // namespace

absl::Status WireToJson(const google::protobuf::Descriptor* type, const std::string& wire,
                        const WriteOptions& options, std::string* out) {
  const MessagePlan& plan = PlanOf(type);
  Buffer buffer(out, wire.size() * 3 + 64);
  return Writer(options, &buffer).Write(plan, Wire{wire.data(), wire.data() + wire.size()});
}

absl::Status MessageToJson(const google::protobuf::Message& message, const WriteOptions& options,
                           std::string* out) {
  std::string wire;
  if (!message.SerializePartialToString(&wire)) {
    return base::Fail(absl::StatusCode::kInternal, ErrorReason::INTERNAL,
                      {{"detail", "a message is too large"}});
  }
  return WireToJson(message.GetDescriptor(), wire, options, out);
}

absl::Status JsonToWire(const google::protobuf::Descriptor* type, const std::string& json,
                        const ReadOptions& options, std::string* wire,
                        std::vector<base::Violation>* violations) {
  const size_t bytes_max = std::min(options.bytes_max, kBytesMax);
  if (json.size() > bytes_max) {
    return base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::BODY_TOO_LARGE,
                      {{"max", std::to_string(bytes_max)}});
  }
  const MessagePlan& plan = PlanOf(type);
  thread_local Document document;
  std::vector<base::Violation> found;
  {
    Buffer buffer(wire, json.size() / 2 + 64);
    if (document.Open(json)) {
      Reader(options, &document, &found, &buffer).Read(plan);
    } else {
      const Document::Problem& problem = document.OpenProblem();
      found.push_back(base::Refuse(options.path_prefix, ErrorReason::JSON_INVALID,
                                   {{"place", problem.place}, {"expected", problem.expected}}));
    }
    if (!found.empty()) buffer.Abandon();
  }
  document.Shrink();
  if (violations != nullptr) violations->insert(violations->end(), found.begin(), found.end());
  return base::FailIfAny(found);
}

absl::Status JsonToMessage(const std::string& json, const ReadOptions& options,
                           google::protobuf::Message* message, std::vector<base::Violation>* violations) {
  std::string wire;
  RETURN_IF_ERROR(JsonToWire(message->GetDescriptor(), json, options, &wire, violations));
  if (message->ParsePartialFromString(wire)) return absl::OkStatus();
  return base::Fail(absl::StatusCode::kInternal, ErrorReason::INTERNAL,
                    {{"detail", "the wire written from JSON"}});
}

}  // namespace lianqiao::json
