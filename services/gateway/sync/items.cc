// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/items.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace lianqiao::gateway::sync {

using google::protobuf::internal::WireFormatLite;

bool SplitItems(const std::string& wire, Items* items, google::protobuf::MessageLite* rest) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(wire.data()),
                                               static_cast<int>(wire.size()));
  std::string others;
  constexpr uint32_t kItemTag = 1u << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
  while (true) {
    const int start = input.CurrentPosition();
    const uint32_t tag = input.ReadTag();
    if (tag == 0) break;
    if (!WireFormatLite::SkipField(&input, tag)) return false;
    const size_t size = input.CurrentPosition() - start;
    if (tag == kItemTag) {
      items->bytes.append(wire, start, size);
      ++items->count;
    } else {
      others.append(wire, start, size);
    }
  }
  return input.ConsumedEntireMessage() && rest->ParseFromString(others);
}

std::string JoinItems(const std::string& item_bytes, const google::protobuf::MessageLite& rest) {
  std::string wire = item_bytes;
  rest.AppendToString(&wire);
  return wire;
}

}  // namespace lianqiao::gateway::sync
