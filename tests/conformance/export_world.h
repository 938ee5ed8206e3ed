// SPDX-License-Identifier: Apache-2.0
// The registry with bulk exports, over gRPC, their job run step by step. Tests only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lianqiao/sync/v1/export.pb.h"
#include "libs/bulk/exports.h"
#include "tests/conformance/feed_copy.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {

// What one call of ReadExportFile gave.
struct FileAnswer {
  absl::Status status;
  std::string bytes;
  std::vector<size_t> pieces;
  std::map<std::string, std::string> metadata;
};

class ExportWorld : public RegistryWorld {
 protected:
  ExportWorld();

  // The token's client from now on sees the changes of these places; the same client as before.
  void Grant(const std::string& token, const std::vector<std::string>& jurisdictions,
             const std::vector<std::string>& permissions = {"registry.*.changes"});

  static sync::v1::CreateExportRequest Organisations(
      sync::v1::CreateExportRequest::Format format = sync::v1::CreateExportRequest::FORMAT_NDJSON);
  absl::StatusOr<sync::v1::Export> Create(const sync::v1::CreateExportRequest& request,
                                          const std::string& token = "near");
  sync::v1::Export Get(const std::string& id, const std::string& token = "near");
  absl::StatusOr<sync::v1::Export> Cancel(const std::string& id, const std::string& token = "near");

  // A job of its own, as of another process.
  std::unique_ptr<bulk::Exports> Runner(int64_t file_records_max);
  // Until there is nothing to do.
  void Work(bulk::Exports* runner = nullptr);
  void Steps(bulk::Exports* runner, int steps);
  // Creates, works and looks.
  sync::v1::Export Run(const sync::v1::CreateExportRequest& request, const std::string& token = "near");

  FileAnswer Read(const std::string& id, const std::string& name, const std::string& token = "near",
                  int64_t offset = 0);
  // The file's text; checks it against the manifest.
  std::string Text(const sync::v1::Export& exported, const sync::v1::ExportFile& file,
                   const std::string& token = "near");
  // Every file of NDJSON into the copy, and where to tail from.
  void Load(const sync::v1::Export& exported, FeedCopy* copy, const std::string& token = "near");

  // What the tables say of a place: id -> revision.
  std::map<std::string, int64_t> Held(const std::string& jurisdiction_id);
  void Multiply(const std::string& name, int copies);

 private:
  std::map<std::string, access::Caller> callers_;
};

std::string Inflate(const std::string& gzip);
// RFC 4180 into rows of cells, without the byte order mark.
std::vector<std::vector<std::string>> ParseCsv(const std::string& text);

}  // namespace lianqiao::conformance
