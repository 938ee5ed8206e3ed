// SPDX-License-Identifier: Apache-2.0
// External ids of erased records are remembered as keyed hashes, so that a source that still knows the person
// does not bring them back as a new record.
#include "absl/strings/str_cat.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/resource/input.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using postgres::Parameters;
using postgres::Query;

namespace {

// Of `system` and `value` of an external id of the kind in $1. The parts have no control characters.
constexpr char kDigest[] =
    "sha256((SELECT token_secret FROM feed_meta ORDER BY started_at LIMIT 1)"
    " || convert_to($1::text || E'\\x1f' || e.system || E'\\x1f' || e.value, 'UTF8'))";

using ExternalKey = std::pair<std::string, std::string>;  // System, id.

std::vector<ExternalKey> ExternalKeys(const ResourcePlan& resource, const Message& record) {
  std::vector<ExternalKey> keys;
  const auto& get = *record.GetReflection();
  const auto* list = resource.external_ids->descriptor;
  for (int i = 0; i < get.FieldSize(record, list); ++i) {
    const auto& id = static_cast<const type::v1::ExternalId&>(get.GetRepeatedMessage(record, list, i));
    keys.emplace_back(id.system(), id.id());
  }
  return keys;
}

}  // namespace

absl::Status Unit::RememberErased(const ResourcePlan& resource, const std::string& id) {
  if (resource.external_ids == nullptr) return absl::OkStatus();
  const Query remember{
      "remember_erased_ids",
      absl::StrCat("INSERT INTO erased_external_id (kind, digest) SELECT DISTINCT $1::text, ", kDigest,
                   " FROM external_id e WHERE e.kind = $1::text AND e.id = $2::uuid",
                   " ON CONFLICT DO NOTHING")};
  return transaction_.Execute(remember, Parameters().Text(resource.kind).Text(id)).status();
}

absl::Status Unit::LookUpErased(const ResourcePlan& resource, const std::vector<const Message*>& records) {
  if (resource.erase_time == nullptr || resource.external_ids == nullptr) return absl::OkStatus();
  std::vector<std::string> systems, values;
  for (const Message* record : records) {
    for (const auto& [system, value] : ExternalKeys(resource, *record)) {
      if (!asked_erased_.insert({resource.kind, system, value}).second) continue;
      systems.push_back(system);
      values.push_back(value);
    }
  }
  if (systems.empty()) return absl::OkStatus();
  const Query look{"look_up_erased_ids",
                   absl::StrCat("SELECT e.system, e.value FROM unnest($2::text::text[], $3::text::text[])"
                                " AS e(system, value) WHERE EXISTS (SELECT 1 FROM erased_external_id x"
                                " WHERE x.kind = $1::text AND x.digest = ",
                                kDigest, ")")};
  ASSIGN_OR_RETURN(
      const postgres::Result found,
      transaction_.Execute(look, Parameters().Text(resource.kind).TextArray(systems).TextArray(values)));
  for (int i = 0; i < found.rows(); ++i) erased_.insert({resource.kind, found.Text(i, 0), found.Text(i, 1)});
  return absl::OkStatus();
}

absl::Status Unit::CheckErased(const ResourcePlan& resource, const Message* before, const Message& after,
                               const std::string& path, Violations* violations) {
  if (resource.erase_time == nullptr || resource.external_ids == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(LookUpErased(resource, {&after}));
  std::set<ExternalKey> held;
  if (before != nullptr)
    for (ExternalKey& key : ExternalKeys(resource, *before)) held.insert(std::move(key));
  const std::vector<ExternalKey> keys = ExternalKeys(resource, after);
  for (size_t i = 0; i < keys.size(); ++i) {
    if (held.contains(keys[i]) || !erased_.contains({resource.kind, keys[i].first, keys[i].second})) continue;
    violations->push_back(
        base::Refuse(absl::StrCat(contract::PathOf(path, *resource.external_ids->descriptor), "[", i, "].id"),
                     base::ErrorReason::RECORD_ERASED,
                     {{"kind", resource.kind}, {"kind_zh", resource.rule->label().zh()}}));
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::resource
