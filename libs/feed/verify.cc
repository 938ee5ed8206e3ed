// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/verify.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"

namespace lianqiao::feed {
namespace {

constexpr absl::Duration kReadLimit = absl::Minutes(5);
constexpr int kPartCount = 64;
constexpr int kDepthMax = 12;
// Below it a part lists its records.
constexpr int64_t kListedRecords = 256;
constexpr char kFirstId[] = "00000000-0000-0000-0000-000000000000";
constexpr char kLastId[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";
constexpr size_t kRepairBatch = 500;

using Differences = std::map<std::string, Difference>;  // By id.
using Found = std::map<const Table*, Differences>;

class Comparison {
 public:
  explicit Comparison(const VerifyOptions& options) : options_(options) {}

  absl::StatusOr<Verification> Run() {
    ASSIGN_OR_RETURN(const Found found, Find());
    for (const auto& [table, differences] : found)
      for (const auto& [id, difference] : differences) result_.differences.push_back(difference);
    result_.remaining_count = static_cast<int64_t>(result_.differences.size());
    if (!options_.repair || found.empty()) return std::move(result_);
    RETURN_IF_ERROR(Repair(found));
    ASSIGN_OR_RETURN(const Found left, Find());
    result_.remaining_count = 0;
    for (const auto& [table, differences] : left)
      result_.remaining_count += static_cast<int64_t>(differences.size());
    result_.repaired_count =
        std::max<int64_t>(0, static_cast<int64_t>(result_.differences.size()) - result_.remaining_count);
    return std::move(result_);
  }

 private:
  absl::Status Read(const std::function<absl::Status(postgres::Statements&)>& body) {
    return options_.database->Run(base::Clock::System().Now() + kReadLimit,
                                  [&](postgres::Session& session) { return body(session); });
  }

  absl::StatusOr<Found> Find() {
    RETURN_IF_ERROR(options_.consumer->CatchUp(options_.patience));
    ASSIGN_OR_RETURN(const std::vector<const Table*> suspects, Suspects());
    Found first;
    for (const Table* table : suspects) RETURN_IF_ERROR(Drill(*table, kFirstId, kLastId, 0, &first[table]));
    std::erase_if(first, [](const auto& entry) { return entry.second.empty(); });
    if (first.empty()) return first;
    // What the copy did not yet have is in it now; what still differs and has not moved is wrong.
    RETURN_IF_ERROR(options_.consumer->CatchUp(options_.patience));
    Found found;
    for (const auto& [table, before] : first) {
      Differences now;
      RETURN_IF_ERROR(Drill(*table, kFirstId, kLastId, 0, &now));
      std::erase_if(now, [&](const auto& entry) {
        const auto known = before.find(entry.first);
        return known == before.end() || known->second.held != entry.second.held;
      });
      if (!now.empty()) found[table] = std::move(now);
    }
    return found;
  }

  absl::StatusOr<v1::Digest> Ask(const v1::GetDigestRequest& request) {
    ++result_.question_count;
    ASSIGN_OR_RETURN(v1::Digest digest, options_.source->GetDigest(request));
    if (!digest.incomplete_services().empty())
      return base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::BACKEND_UNAVAILABLE,
                        {{"service", digest.incomplete_services(0)}});
    return digest;
  }

  absl::StatusOr<Table::Sum> Held(const Table& table, const v1::DigestPart& part) {
    Table::Sum sum;
    RETURN_IF_ERROR(Read([&](postgres::Statements& statements) -> absl::Status {
      ASSIGN_OR_RETURN(sum, table.Digest(statements, part.after_id(), part.to_id()));
      return absl::OkStatus();
    }));
    return sum;
  }

  // Kinds whose sums differ.
  absl::StatusOr<std::vector<const Table*>> Suspects() {
    ASSIGN_OR_RETURN(const ConsumerState state, options_.consumer->LoadState());
    v1::GetDigestRequest request;
    for (const auto& [kind, table] : options_.tables->all()) request.add_kinds(kind);
    for (const std::string& id : state.filter.jurisdiction_ids) request.add_jurisdiction_ids(id);
    jurisdiction_ids_ = state.filter.jurisdiction_ids;
    ASSIGN_OR_RETURN(const v1::Digest digest, Ask(request));
    std::map<std::string, const v1::DigestPart*> parts;
    for (const v1::DigestPart& part : digest.parts()) parts[part.kind()] = &part;
    std::vector<const Table*> suspects;
    result_.kind_count = result_.record_count = 0;
    result_.unpublished_kinds.clear();
    for (const auto& [kind, table] : options_.tables->all()) {
      const auto part = parts.find(kind);
      if (options_.observe)
        options_.observe(kind, result_.kind_count, static_cast<int64_t>(request.kinds_size()));
      ++result_.kind_count;
      if (part == parts.end()) {
        result_.unpublished_kinds.push_back(kind);
        continue;
      }
      ASSIGN_OR_RETURN(const Table::Sum held, Held(table, *part->second));
      result_.record_count += held.records;
      if (held.sum != part->second->sum() || held.records != part->second->record_count())
        suspects.push_back(&table);
    }
    return suspects;
  }

  absl::Status Drill(const Table& table, const std::string& after_id, const std::string& to_id, int depth,
                     Differences* differences) {
    if (depth > kDepthMax) return absl::DataLossError("digests of smaller ranges do not get smaller");
    v1::GetDigestRequest request;
    request.add_kinds(table.resource().kind);
    for (const std::string& id : jurisdiction_ids_) request.add_jurisdiction_ids(id);
    request.set_after_id(after_id);
    request.set_to_id(to_id);
    request.set_part_count(kPartCount);
    ASSIGN_OR_RETURN(const v1::Digest digest, Ask(request));
    for (const v1::DigestPart& part : digest.parts()) {
      ASSIGN_OR_RETURN(const Table::Sum held, Held(table, part));
      if (held.sum == part.sum() && held.records == part.record_count()) continue;
      if (part.record_count() < kListedRecords) {
        RETURN_IF_ERROR(Compare(table, part, differences));
      } else {
        RETURN_IF_ERROR(Drill(table, part.after_id(), part.to_id(), depth + 1, differences));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Compare(const Table& table, const v1::DigestPart& part, Differences* differences) {
    std::map<std::string, int64_t> held;
    RETURN_IF_ERROR(Read([&](postgres::Statements& statements) -> absl::Status {
      ASSIGN_OR_RETURN(held, table.Revisions(statements, part.after_id(), part.to_id()));
      return absl::OkStatus();
    }));
    const auto add = [&](const std::string& id, int64_t here, int64_t there) {
      if (differences->size() < kDifferencesMax)
        differences->emplace(id, Difference{table.resource().kind, id, here, there});
    };
    for (const v1::DigestRecord& record : part.records()) {
      const auto found = held.find(record.id());
      const int64_t revision = found == held.end() ? 0 : found->second;
      if (revision != record.revision()) add(record.id(), revision, record.revision());
      if (found != held.end()) held.erase(found);
    }
    for (const auto& [id, revision] : held) add(id, revision, 0);
    return absl::OkStatus();
  }

  // Row by row; what cannot be had so, and what is too much for it, by a snapshot of everything.
  absl::Status Repair(const Found& found) {
    bool all = true;
    for (const auto& [table, differences] : found) {
      if (differences.size() >= kDifferencesMax) {
        all = false;
        continue;
      }
      std::vector<std::string> wanted, gone;
      for (auto at = differences.begin(); at != differences.end();) {
        (at->second.published > 0 ? wanted : gone).push_back(at->first);
        if (++at != differences.end() && wanted.size() + gone.size() < kRepairBatch) continue;
        ASSIGN_OR_RETURN(const bool had, RepairSome(*table, wanted, gone));
        all = all && had;
        wanted.clear();
        gone.clear();
      }
    }
    return all ? absl::OkStatus() : options_.consumer->TakeAnew(options_.patience);
  }

  // False: some of what is wanted could not be had. Reading a record is another right than reading its
  // changes, so who is told of it by the feed may be refused it here.
  absl::StatusOr<bool> RepairSome(const Table& table, const std::vector<std::string>& wanted,
                                  const std::vector<std::string>& gone) {
    absl::StatusOr<Source::Records> records = Source::Records();
    if (!wanted.empty()) records = options_.source->Fetch(table.resource(), wanted);
    if (absl::IsPermissionDenied(records.status())) records = Source::Records();
    RETURN_IF_ERROR(records.status());
    ASSIGN_OR_RETURN(const ConsumerState state, options_.consumer->LoadState());
    const TableOptions& names = options_.tables->options();
    const StateTables states(names.consumer, names.state_prefix);
    RETURN_IF_ERROR(
        options_.database->Run(base::Clock::System().Now() + kReadLimit, [&](postgres::Session& session) {
          return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
            RETURN_IF_ERROR(states.CountStep(transaction, state));
            RETURN_IF_ERROR(table.Replace(transaction, *records, state.NextStamp()));
            return table.Remove(transaction, gone, state.NextStamp());
          });
        }));
    return records->size() == wanted.size();
  }

  const VerifyOptions& options_;
  Verification result_;
  std::vector<std::string> jurisdiction_ids_;
};

}  // namespace

absl::StatusOr<Verification> Verify(const VerifyOptions& options) {
  return Comparison(options).Run();
}

}  // namespace lianqiao::feed
