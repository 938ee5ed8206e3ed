// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/staged.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "libs/bulk/limits.h"

namespace lianqiao::bulk {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

namespace {

void WriteText(const std::string& text, CodedOutputStream* out) {
  out->WriteVarint32(static_cast<uint32_t>(text.size()));
  out->WriteString(text);
}

bool ReadText(CodedInputStream* in, std::string* text) {
  uint32_t size = 0;
  return in->ReadVarint32(&size) && size <= 2 * kLineBytesMax && in->ReadString(text, static_cast<int>(size));
}

bool ReadOne(CodedInputStream* in, StagedRecord* record) {
  uint32_t flags = 0;
  uint32_t missing = 0;
  if (!in->ReadVarint32(&record->line) || !in->ReadVarint32(&flags) || !ReadText(in, &record->id) ||
      !ReadText(in, &record->source_id) || !ReadText(in, &record->name) || !in->ReadVarint32(&missing))
    return false;
  record->by_id = (flags & 1) != 0;
  record->own_id = (flags & 2) != 0;
  record->exists = (flags & 4) != 0;
  for (uint32_t i = 0; i < missing; ++i) {
    MissingReference reference;
    uint32_t field = 0;
    uint32_t index = 0;
    if (!in->ReadVarint32(&field) || !in->ReadVarint32(&index) || !ReadText(in, &reference.id)) return false;
    reference.field = static_cast<int>(field);
    reference.index = static_cast<int>(index) - 1;
    record->missing.push_back(std::move(reference));
  }
  return ReadText(in, &record->message);
}

}  // namespace

void AppendStaged(const StagedRecord& record, std::string* block) {
  google::protobuf::io::StringOutputStream stream(block);
  CodedOutputStream out(&stream);
  out.WriteVarint32(record.line);
  out.WriteVarint32((record.by_id ? 1u : 0u) | (record.own_id ? 2u : 0u) | (record.exists ? 4u : 0u));
  WriteText(record.id, &out);
  WriteText(record.source_id, &out);
  WriteText(record.name, &out);
  out.WriteVarint32(static_cast<uint32_t>(record.missing.size()));
  for (const MissingReference& reference : record.missing) {
    out.WriteVarint32(static_cast<uint32_t>(reference.field));
    out.WriteVarint32(static_cast<uint32_t>(reference.index + 1));
    WriteText(reference.id, &out);
  }
  WriteText(record.message, &out);
}

absl::Status ReadStaged(absl::string_view block, std::vector<StagedRecord>* records) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(block.data()), static_cast<int>(block.size()));
  while (in.CurrentPosition() < static_cast<int>(block.size())) {
    records->emplace_back();
    if (!ReadOne(&in, &records->back())) return absl::DataLossError("a block of an import cannot be read");
  }
  return absl::OkStatus();
}

void Blocks::Add(int step, int bucket, const std::string& kind, bool removes, const StagedRecord& record) {
  const auto key = std::make_tuple(step, bucket, kind);
  Block& block = open_[key];
  const size_t before = block.bytes.size();
  AppendStaged(record, &block.bytes);
  open_bytes_ += block.bytes.size() - before;
  if (block.records++ == 0) {
    block.step = step;
    block.bucket = bucket;
    block.kind = kind;
    block.removes = removes;
  }
  const auto close = [this](auto entry) {
    open_bytes_ -= entry->second.bytes.size();
    full_.push_back(std::move(entry->second));
    open_.erase(entry);
  };
  if (block.records == kBlockRecordsMax || block.bytes.size() >= kBlockBytesMax)
    return close(open_.find(key));
  while (open_bytes_ > kOpenBlocksBytesMax) {
    close(std::max_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) {
      return a.second.bytes.size() < b.second.bytes.size();
    }));
  }
}

std::vector<Block> Blocks::Take(bool all) {
  std::vector<Block> taken = std::exchange(full_, {});
  if (!all) return taken;
  for (auto& [key, block] : open_) taken.push_back(std::move(block));
  open_.clear();
  open_bytes_ = 0;
  return taken;
}

}  // namespace lianqiao::bulk
