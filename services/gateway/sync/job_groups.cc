// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/job_groups.h"

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace lianqiao::gateway::sync {
namespace {

using postgres::Parameters;
using postgres::Query;

const Query kSave = {"sync_save_job_group",
                     "INSERT INTO job_group (id, client_id, parts, create_time)"
                     " VALUES ($1, $2, $3::text::text[], $4)"
                     " ON CONFLICT (id) DO UPDATE SET create_time = EXCLUDED.create_time"};
const Query kPurge = {"sync_purge_job_groups",
                      "DELETE FROM job_group WHERE id IN"
                      " (SELECT id FROM job_group WHERE create_time < $1 ORDER BY create_time LIMIT 100)"};
const Query kFind = {"sync_find_job_group", "SELECT parts FROM job_group WHERE id = $1 AND client_id = $2"};

std::vector<std::string> Texts(const JobParts& parts) {
  std::vector<std::string> texts;
  for (const auto& [service, id] : parts) texts.push_back(absl::StrCat(service, ":", id));
  return texts;
}

}  // namespace

std::string JobGroups::IdOf(const std::string& client_id, const JobParts& parts) {
  std::string all;
  for (const std::string& text : Texts(parts)) absl::StrAppend(&all, text, "\n");
  return base::ImportedId("job_group", client_id, all);
}

void JobGroups::Save(const std::string& client_id, const JobParts& parts, absl::Time now, absl::Time deadline,
                     std::function<void(const absl::Status&)> then) {
  database_->Submit(
      deadline,
      [client_id, parts, now, then](postgres::Session& session) {
        const absl::Status saved = session.Transact([&](postgres::Statements& transaction) -> absl::Status {
          RETURN_IF_ERROR(transaction
                              .Execute(kSave, Parameters()
                                                  .Text(IdOf(client_id, parts))
                                                  .Text(client_id)
                                                  .TextArray(Texts(parts))
                                                  .Time(now))
                              .status());
          return transaction.Execute(kPurge, Parameters().Time(now - kJobGroupKept)).status();
        });
        then(saved);
      },
      then);
}

void JobGroups::Find(const std::string& id, const std::string& client_id, absl::Time deadline,
                     std::function<void(absl::StatusOr<JobParts>)> then) {
  database_->Submit(
      deadline,
      [id, client_id, then](postgres::Session& session) {
        const auto result = session.Execute(kFind, Parameters().Text(id).Text(client_id));
        if (!result.ok()) return then(result.status());
        JobParts parts;
        if (result->rows() > 0) {
          for (const std::string& text : result->TextArray(0, 0)) {
            const size_t colon = text.find(':');
            if (colon != std::string::npos) parts.emplace_back(text.substr(0, colon), text.substr(colon + 1));
          }
        }
        then(std::move(parts));
      },
      then);
}

}  // namespace lianqiao::gateway::sync
