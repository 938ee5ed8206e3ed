// SPDX-License-Identifier: Apache-2.0
#include "libs/content/zip_names.h"

#include <algorithm>
#include <string_view>

#include "libs/base/status.h"

namespace lianqiao::content {
namespace {

constexpr std::string_view kEnd("PK\x05\x06", 4);
constexpr std::string_view kDirectory("PK\x01\x02", 4);
constexpr std::string_view kLocal("PK\x03\x04", 4);
constexpr size_t kEndBytes = 22;
constexpr size_t kCommentBytesMax = 65535;
constexpr size_t kDirectoryBytesMax = size_t{1} << 20;
constexpr size_t kEntryBytes = 46;
constexpr size_t kLocalBytes = 30;

uint32_t Number(std::string_view bytes, size_t at, size_t size) {
  uint32_t number = 0;
  for (size_t i = size; i > 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return number;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ZipNames(const Source& file) {
  const int64_t tail_bytes =
      std::min<int64_t>(file.size_bytes(), static_cast<int64_t>(kEndBytes + kCommentBytesMax));
  ASSIGN_OR_RETURN(const std::string tail,
                   file.ReadAt(file.size_bytes() - tail_bytes, static_cast<size_t>(tail_bytes)));
  const size_t end = tail.rfind(kEnd);
  std::vector<std::string> names;
  if (end == std::string::npos || tail.size() - end < kEndBytes) return names;
  const uint32_t size = Number(tail, end + 12, 4);
  if (size > kDirectoryBytesMax) return names;
  ASSIGN_OR_RETURN(const std::string directory, file.ReadAt(Number(tail, end + 16, 4), size));
  for (size_t at = 0; at + kEntryBytes <= directory.size();) {
    if (std::string_view(directory).substr(at, kDirectory.size()) != kDirectory) break;
    const size_t name = Number(directory, at + 28, 2);
    const size_t others = Number(directory, at + 30, 2) + Number(directory, at + 32, 2);
    names.push_back(directory.substr(at + kEntryBytes, name));
    at += kEntryBytes + name + others;
  }
  return names;
}

absl::StatusOr<std::string> FirstEntry(const Source& file) {
  constexpr std::string_view kName = "mimetype";
  constexpr size_t kContentBytesMax = 128;
  ASSIGN_OR_RETURN(const std::string head, file.ReadAt(0, kLocalBytes + kName.size() + kContentBytesMax));
  const bool local =
      head.size() >= kLocalBytes + kName.size() && std::string_view(head).substr(0, kLocal.size()) == kLocal;
  if (!local || Number(head, 8, 2) != 0 || Number(head, 26, 2) != kName.size() ||
      head.compare(kLocalBytes, kName.size(), kName) != 0)
    return std::string();
  const size_t content = kLocalBytes + kName.size() + Number(head, 28, 2);
  return head.substr(std::min(content, head.size()), Number(head, 22, 4));
}

}  // namespace lianqiao::content
