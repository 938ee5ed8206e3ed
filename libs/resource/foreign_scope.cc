// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/foreign_scope.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/base/clock.h"
#include "libs/base/mutant.h"
#include "libs/resource/restamp_job.h"

namespace lianqiao::resource {

using contract::Field;
using postgres::Parameters;

namespace {

bool GivesScope(const contract::Resource& resource, const Field& field) {
  const auto names = [&](const auto& list) {
    return std::find(list.begin(), list.end(), field.name) != list.end();
  };
  return names(resource.rule->scope().from()) || names(resource.rule->scope().readers_from());
}

// Those of the ids to which some record refers.
absl::StatusOr<std::set<std::string>> WithDependants(postgres::Statements& transaction,
                                                     const std::vector<contract::Reference>& references,
                                                     const std::vector<std::string>& ids) {
  std::set<std::string> found;
  for (const contract::Reference& reference : references) {
    const postgres::Query query{
        absl::StrCat("hanging_", reference.child->kind, "_", reference.field->name),
        absl::StrCat("SELECT u.id FROM unnest($1::text::uuid[]) u(id) WHERE EXISTS (SELECT FROM ",
                     reference.child->kind, " c WHERE c.", reference.field->name, " = u.id)")};
    ASSIGN_OR_RETURN(const postgres::Result rows, transaction.Execute(query, Parameters().TextArray(ids)));
    for (int i = 0; i < rows.rows(); ++i) found.insert(rows.Text(i, 0));
  }
  return found;
}

}  // namespace

std::string ServiceOf(const std::string& package) {
  const std::vector<std::string> parts = absl::StrSplit(package, '.');
  return parts.size() > 1 ? parts[1] : package;
}

std::vector<contract::Reference> HangingOn(const contract::Contract& contract, const std::string& service,
                                           const std::string& kind) {
  std::vector<contract::Reference> references;
  for (const auto& resource : contract.resources()) {
    for (const Field& field : resource->fields) {
      const std::string& named = field.rule->reference();
      const bool fits =
          named == absl::StrCat(service, "/", kind) ||
          absl::StartsWith(named, absl::StrCat(service, "/{"));  // Any kind: its ids are its own.
      if (fits && GivesScope(*resource, field)) references.push_back({resource.get(), &field});
    }
  }
  return references;
}

feed::ScopeMover StampWhatHangsOn(std::shared_ptr<const contract::Contract> contract,
                                  const std::string& package) {
  return [contract = std::move(contract), service = ServiceOf(package)](
             postgres::Statements& transaction, const std::string& kind,
             const std::vector<feed::MovedScope>& moved) -> absl::Status {
    const std::vector<contract::Reference> references = HangingOn(*contract, service, kind);
    if (references.empty() || base::Planted("moved-without-stamp")) return absl::OkStatus();
    std::vector<std::string> ids;
    for (const feed::MovedScope& one : moved) ids.push_back(one.id);
    ASSIGN_OR_RETURN(const std::set<std::string> hanging, WithDependants(transaction, references, ids));
    for (const feed::MovedScope& one : moved) {
      if (hanging.count(one.id) == 0) continue;
      RestampJob job;
      job.kind = absl::StrCat(service, "/", kind);
      job.id = one.id;
      job.before = {one.scope_before, one.write_scope_before};
      job.now = {one.scope, one.write_scope};
      RETURN_IF_ERROR(TellRestampJobs(transaction, job));
      RETURN_IF_ERROR(AddRestampJob(transaction, job, base::Clock::System().Now()));
    }
    return absl::OkStatus();
  };
}

}  // namespace lianqiao::resource
