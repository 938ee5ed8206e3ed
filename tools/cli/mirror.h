// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL database of the consumer's own as a copy of the platform: its schema and tables, and the
// consumer that fills them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/feed/consumer.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/progress_bar.h"

namespace lianqiao::cli {

class Mirror {
 public:
  // By --database, --schema, --kinds, --jurisdictions and --partitions. Says what is wrong with the database
  // and the rights in it. `platform`, `source`, `bar` and `context` outlive the mirror.
  static absl::StatusOr<std::unique_ptr<Mirror>> Open(const Context& context, Platform& platform,
                                                      feed::Source* source, ProgressBar* bar);

  feed::Consumer& consumer() { return *consumer_; }
  postgres::Database& database() { return *database_; }
  const feed::Tables& tables() const { return *tables_; }

 private:
  Mirror(const Context& context, ProgressBar* bar);

  absl::Status SetUp(Platform& platform, feed::Source* source);
  absl::Status CheckRights();
  absl::Status MakeSchema();
  absl::Status MakeState(const std::string& client_id);
  absl::Status CheckClient(postgres::Statements& transaction, const std::string& client_id);
  absl::Status Settle(feed::Source* source, feed::Filter* filter);
  absl::Status SettleNew(feed::Source* source, feed::Filter* filter);
  absl::Status MakeTables(const feed::Filter& filter);
  void MakeConsumer(feed::Source* source, const feed::Filter& filter, int partitions);
  absl::StatusOr<std::vector<std::string>> Lacking(postgres::Statements& statements,
                                                   const std::vector<std::string>& names) const;
  absl::Status CheckTableRights(postgres::Statements& statements,
                                const std::vector<std::string>& names) const;
  absl::Status Transact(const std::function<absl::Status(postgres::Statements&)>& body);
  absl::Status Run(const std::function<absl::Status(postgres::Session&)>& body);
  void Show(const feed::Progress& progress);
  void Narrate(const feed::Progress& progress);

  const Context& context_;
  ProgressBar* const bar_;
  const feed::StateTables state_;
  std::string schema_;
  bool known_ = false;  // The mirror was made before.
  bool begun_ = false;  // And holds something already.
  std::mutex mutex_;
  std::string told_;  // What stderr was told last. Guarded by mutex_.
  // What a mirror is made of, in the order in which it is taken down.
  std::unique_ptr<postgres::Database> database_;
  std::unique_ptr<feed::Tables> tables_;
  std::unique_ptr<feed::Consumer> consumer_;
};

}  // namespace lianqiao::cli
