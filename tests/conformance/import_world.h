// SPDX-License-Identifier: Apache-2.0
// The registry with bulk imports, over gRPC, its job run step by step. Tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "lianqiao/sync/v1/import.pb.h"
#include "libs/bulk/imports.h"
#include "libs/testing/service.h"

namespace lianqiao::conformance {

namespace sync = ::lianqiao::sync::v1;

// A service with ImportService beside its own methods.
class ImportService {
 public:
  explicit ImportService(runtime::Definition definition);
  ~ImportService();

  testing::TestService& service() { return *service_; }
  // The job's process dies and another one starts.
  void Restart();
  bulk::Imports& imports() { return *imports_; }

  // Sends a submission in pieces; how the call ended.
  absl::StatusOr<sync::Import> Send(const sync::ImportOptions& options, const std::string& content,
                                    const std::string& token = "operator", size_t piece = 100000,
                                    int64_t offset = 0);
  // Sends this much, then breaks the connection.
  void SendAndBreak(const sync::ImportOptions& options, const std::string& content);
  absl::StatusOr<sync::Import> SendRecords(const sync::ImportOptions& options,
                                           const std::vector<sync::ImportRecord>& records);
  // Works until there is nothing to do.
  void Work();
  void Steps(int steps);

  sync::Import Get(const std::string& id, const std::string& token = "operator");
  // Sends, works and looks.
  sync::Import Run(const sync::ImportOptions& options, const std::string& content,
                   const std::string& token = "operator");
  // "line field REASON" of everything that was refused, in order.
  std::vector<std::string> Errors(const std::string& id);
  std::vector<sync::ImportError> ErrorsOf(const std::string& id, int page_size = 0);
  // And the size of the largest message.
  std::string RefusedLines(const std::string& id, std::string* content_type = nullptr,
                           size_t* largest_bytes = nullptr);
  std::string Value(const std::string& sql);

 private:
  std::unique_ptr<bulk::Imports> imports_;
  std::unique_ptr<testing::TestService> service_;
  std::vector<std::unique_ptr<bulk::Imports>> dead_;
};

// Of created, updated, unchanged, deleted and refused records.
std::string CountsOf(const sync::Import& import);

}  // namespace lianqiao::conformance
