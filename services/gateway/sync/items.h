// SPDX-License-Identifier: Apache-2.0
// Answers of services without reading their records: the items (field 1 of every page, batch and digest of
// the contract) go through as the bytes that they are, only the rest is looked at.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string>
#include <string_view>

namespace lianqiao::gateway::sync {

struct Items {
  std::string bytes;  // Every occurrence of field 1 with its tag.
  int count = 0;
};

// Divides a serialized message into the items of field 1 and `rest`, the message without them. False for what
// is no message.
bool SplitItems(const std::string& wire, Items* items, google::protobuf::MessageLite* rest);
// The other way: a message that begins with the items.
std::string JoinItems(const std::string& item_bytes, const google::protobuf::MessageLite& rest);

}  // namespace lianqiao::gateway::sync
