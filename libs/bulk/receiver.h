// SPDX-License-Identifier: Apache-2.0
// Takes a submission in and stores it as it comes. One receiver per connection; what it has stored outlives
// it. Its calls block on the database and run one at a time.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>

#include "libs/access/caller.h"
#include "libs/bulk/import_row.h"
#include "libs/contract/contract.h"

namespace lianqiao::bulk {

class Receiver {
 public:
  struct From {
    access::Caller caller;
    std::string trace_id;
  };
  Receiver(const contract::Contract* contract, From from);
  ~Receiver();

  // The first message: a new submission, one that goes on, or one that was stored before (then its content
  // is only compared).
  absl::Status Begin(postgres::Session& session, const v1::ImportOptions& options, absl::Time now);
  // Content from `offset` on: where the submission has come to, or before that, if it is sent again.
  absl::Status Append(postgres::Session& session, int64_t offset, const std::string& content, absl::Time now);
  // Records instead, in any number; they cannot go on after a broken connection, only begin anew.
  absl::Status AppendRecord(postgres::Session& session, const v1::ImportRecord& record, absl::Time now);
  // All is there. The import as it is: queued, or what became of the same submission before.
  absl::StatusOr<ImportRow> Finish(postgres::Session& session, absl::Time now);
  // The connection broke: stores what came so far; a submission without a request id is forgotten.
  void Abandon(postgres::Session& session, absl::Time now);

 private:
  absl::Status CheckOptions(const v1::ImportOptions& options, absl::Time now) const;
  absl::Status Insert(postgres::Session& session, const v1::ImportOptions& options, absl::Time now);
  absl::Status Resume(postgres::Session& session, const ImportRow& row);
  absl::Status Store(postgres::Session& session, absl::Time now);
  absl::Status CompareStored(postgres::Session& session, int64_t offset, const std::string& content);
  absl::Status Hash(const std::string& content);
  absl::StatusOr<std::string> HashOf() const;
  absl::StatusOr<ImportRow> Reread(postgres::Session& session, const std::string& id) const;
  absl::Status Forget(postgres::Session& session);

  const contract::Contract* const contract_;
  const From from_;
  ImportRow row_;
  bool known_ = false;    // Stored whole before: nothing is stored, only compared.
  std::string pending_;   // Received and not stored.
  int64_t received_ = 0;  // With what is pending.
  int64_t hashed_records_ = 0;
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash_;
};

}  // namespace lianqiao::bulk
