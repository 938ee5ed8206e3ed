// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/foreign.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/resource/core.h"
#include "libs/resource/foreign_scope.h"

namespace lianqiao::resource {

using contract::Field;

namespace {

constexpr int64_t kRetryMilliseconds = 200;

// What tells of the past names who it was then.
bool Follows(const Field& field) {
  return !field.platform_written && !field.rule->keeps_on_merge();
}

bool Names(const google::protobuf::RepeatedPtrField<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A kind that is there but is not projected could not be checked.
absl::Status AddKind(const Followed& followed, const std::string& kind, int number,
                     ForeignReference* reference) {
  const contract::Resource* target = followed.contract->FindKind(kind);
  if (target == nullptr || !followed.projection->Has(kind))
    return absl::NotFoundError(
        absl::StrCat("refers to ", kind, " of ", followed.package,
                     target == nullptr ? ", which it does not have" : ", which is not projected"));
  reference->kinds[number] = target;
  return absl::OkStatus();
}

absl::Status AddKinds(const Followed& followed, const Field& kind_field, ForeignReference* reference) {
  const contract::EnumDescriptor* type = kind_field.descriptor->enum_type();
  if (type == nullptr || kind_field.array) return absl::InvalidArgumentError("its kind is no enum");
  for (int i = 0; i < type->value_count(); ++i) {
    const auto& value = *type->value(i);
    const std::string kind = absl::AsciiStrToLower(contract::ShortName(value));
    if (followed.contract->FindKind(kind) == nullptr) continue;
    RETURN_IF_ERROR(AddKind(followed, kind, value.number(), reference));
  }
  if (reference->kinds.empty()) return absl::InvalidArgumentError("no value of its enum names a kind");
  return absl::OkStatus();
}

absl::Status Resolve(const contract::Resource& resource, const std::string& kind,
                     ForeignReference* reference) {
  if (reference->field->array)
    return absl::InvalidArgumentError("is repeated: such references are not checked");
  if (!absl::StartsWith(kind, "{")) return AddKind(*reference->followed, kind, 0, reference);
  reference->kind_field = resource.Find(kind.substr(1, kind.size() - 2));
  if (reference->kind_field == nullptr || !absl::EndsWith(kind, "}"))
    return absl::InvalidArgumentError(absl::StrCat("takes its kind from the unknown field ", kind));
  return AddKinds(*reference->followed, *reference->kind_field, reference);
}

}  // namespace

std::vector<ForeignReference> ForeignReferencesOf(const contract::Resource& resource,
                                                  const std::vector<Followed>& followed,
                                                  std::vector<std::string>* mistakes) {
  std::vector<ForeignReference> references;
  for (const Field& field : resource.fields) {
    const std::pair<std::string, std::string> named =
        absl::StrSplit(field.rule->reference(), absl::MaxSplits('/', 1));
    if (named.second.empty()) continue;
    for (const Followed& service : followed) {
      if (ServiceOf(service.package) != named.first) continue;
      ForeignReference reference;
      reference.field = &field;
      reference.followed = &service;
      const auto& scope = resource.rule->scope();
      reference.gives_writers = Names(scope.from(), field.name);
      reference.gives_readers = reference.gives_writers || Names(scope.readers_from(), field.name);
      if (reference.gives_readers && !service.projection->HasScopes())
        mistakes->push_back(absl::StrCat(field.descriptor->full_name(), " gives a scope, but ",
                                         service.package, " is followed without scopes"));
      const absl::Status fits = Resolve(resource, named.second, &reference);
      if (!fits.ok()) mistakes->push_back(absl::StrCat(field.descriptor->full_name(), " ", fits.message()));
      if (fits.ok()) references.push_back(std::move(reference));
    }
  }
  return references;
}

ForeignKind FindForeignKind(const std::vector<Followed>& followed, const std::string& name) {
  const std::pair<std::string, std::string> named = absl::StrSplit(name, absl::MaxSplits('/', 1));
  for (const Followed& service : followed) {
    if (ServiceOf(service.package) != named.first || !service.projection->HasScopes() ||
        !service.projection->Has(named.second))
      continue;
    return {&service, service.contract->FindKind(named.second)};
  }
  return {};
}

const contract::Resource* TargetOf(const ForeignReference& reference, const contract::Message& record) {
  const int number = reference.kind_field == nullptr
                         ? 0
                         : record.GetReflection()->GetEnumValue(record, reference.kind_field->descriptor);
  const auto found = reference.kinds.find(number);
  return found == reference.kinds.end() ? nullptr : found->second;
}

namespace {

bool IsExternalName(const std::string& text) {
  return text.find(':') != std::string::npos;
}

absl::Status NotYetVisible() {
  return base::WithRetryAfter(
      base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::REFERENCE_NOT_YET_VISIBLE),
      kRetryMilliseconds);
}

base::Violation UnknownReference(const Field& field, const contract::Resource& target,
                                 const std::string& path) {
  return base::Refuse(contract::PathOf(path, *field.descriptor), base::ErrorReason::REFERENCE_NOT_FOUND,
                      {{"kind", target.kind}, {"kind_zh", target.rule->label().zh()}});
}

}  // namespace

absl::Status ResolveExternalReferences(postgres::Statements& statements,
                                       const std::vector<ForeignReference>& references,
                                       const std::vector<contract::Message*>& records,
                                       const std::vector<std::string>& paths, const Unresolved& unresolved) {
  std::map<std::pair<const Followed*, const contract::Resource*>, std::set<std::string>> wanted;
  for (const ForeignReference& reference : references) {
    for (const contract::Message* record : records) {
      const contract::Resource* target = TargetOf(reference, *record);
      const std::string name = TextOf(*record, *reference.field);
      if (target != nullptr && IsExternalName(name)) wanted[{reference.followed, target}].insert(name);
    }
  }
  std::map<std::pair<const contract::Resource*, std::string>, std::string> known;
  std::map<const Followed*, bool> whole;
  for (const auto& [place, names] : wanted) {
    const auto& [followed, target] = place;
    ASSIGN_OR_RETURN(const auto found, followed->projection->FindExternal(statements, target->kind,
                                                                          {names.begin(), names.end()}));
    for (const auto& [name, id] : found) known[{target, name}] = id;
    ASSIGN_OR_RETURN(whole[followed], followed->projection->IsWhole(statements));
  }
  for (const ForeignReference& reference : references) {
    for (size_t i = 0; i < records.size(); ++i) {
      const contract::Resource* target = TargetOf(reference, *records[i]);
      const std::string name = TextOf(*records[i], *reference.field);
      if (target == nullptr || !IsExternalName(name)) continue;
      const auto found = known.find({target, name});
      if (found != known.end()) {
        records[i]->GetReflection()->SetString(records[i], reference.field->descriptor, found->second);
      } else if (!whole[reference.followed]) {
        unresolved(i, reference, NotYetVisible());
      } else {
        unresolved(i, reference, base::FailIfAny({UnknownReference(*reference.field, *target, paths[i])}));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ForeignRecords::Prepare(postgres::Statements& statements,
                                     const std::vector<ForeignReference>& references,
                                     const std::vector<const contract::Message*>& records) {
  std::map<std::pair<const Followed*, const contract::Resource*>, std::set<std::string>> wanted;
  for (const ForeignReference& reference : references) {
    for (const contract::Message* record : records) {
      const contract::Resource* target = TargetOf(reference, *record);
      const std::string id = TextOf(*record, *reference.field);
      if (target != nullptr && base::IsId(id) && known_.count({target, id}) == 0)
        wanted[{reference.followed, target}].insert(id);
    }
  }
  for (const auto& [place, ids] : wanted) {
    const auto& [followed, target] = place;
    ++reads_;
    ASSIGN_OR_RETURN(const auto found,
                     followed->projection->Find(statements, target->kind, {ids.begin(), ids.end()},
                                                locks_ && followed->projection->HasScopes()));
    for (const std::string& id : ids) {
      const auto at = found.find(id);
      known_.emplace(Key{target, id}, at == found.end() ? feed::ProjectedRecord() : at->second);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<const feed::ProjectedRecord*> ForeignRecords::Referred(postgres::Statements& statements,
                                                                      const ForeignReference& reference,
                                                                      const contract::Message& record) {
  const contract::Resource* target = TargetOf(reference, record);
  const std::string id = TextOf(record, *reference.field);
  if (target == nullptr || !base::IsId(id)) return nullptr;
  RETURN_IF_ERROR(Find(statements, reference, *target, id).status());
  return &known_.at({target, id});
}

absl::StatusOr<feed::ProjectedRecord> ForeignRecords::Find(postgres::Statements& statements,
                                                           const ForeignReference& reference,
                                                           const contract::Resource& target,
                                                           const std::string& id) {
  const auto known = known_.find({&target, id});
  if (known != known_.end()) return known->second;
  const feed::Projection& projection = *reference.followed->projection;
  ++reads_;
  ASSIGN_OR_RETURN(const auto found,
                   projection.Find(statements, target.kind, {id}, locks_ && projection.HasScopes()));
  const auto at = found.find(id);
  return known_[{&target, id}] = at == found.end() ? feed::ProjectedRecord() : at->second;
}

absl::StatusOr<bool> ForeignRecords::AllStand(postgres::Statements& statements,
                                              const std::vector<ForeignReference>& references,
                                              const contract::Message& record) {
  RETURN_IF_ERROR(Prepare(statements, references, {&record}));
  return std::all_of(references.begin(), references.end(), [&](const ForeignReference& reference) {
    const contract::Resource* target = TargetOf(reference, record);
    const std::string id = TextOf(record, *reference.field);
    if (target == nullptr || !base::IsId(id)) return true;
    if (!reference.field->rule->open_reference() && reference.followed->projection->HasScopes()) return false;
    const feed::ProjectedRecord& found = known_.at({target, id});
    return found.living && (found.successor.empty() || !Follows(*reference.field));
  });
}

absl::Status ForeignRecords::Check(postgres::Statements& statements,
                                   const std::vector<ForeignReference>& references,
                                   const contract::Message* before, contract::Message* after, bool revives,
                                   const std::string& path, const Visible& visible, Violations* violations) {
  for (const ForeignReference& reference : references) {
    const Field& field = *reference.field;
    const contract::Resource* target = TargetOf(reference, *after);
    const std::string id = TextOf(*after, field);
    const bool unchanged =
        before != nullptr && TextOf(*before, field) == id && TargetOf(reference, *before) == target;
    if (target == nullptr || (unchanged && !revives) || !base::IsId(id)) continue;
    ASSIGN_OR_RETURN(feed::ProjectedRecord found, Find(statements, reference, *target, id));
    if (Follows(field) && !found.successor.empty()) {
      after->GetReflection()->SetString(after, field.descriptor, found.successor);
      ASSIGN_OR_RETURN(found, Find(statements, reference, *target, found.successor));
    }
    const bool known = unchanged || field.rule->open_reference() ||
                       !reference.followed->projection->HasScopes() || visible(*target, found);
    if (found.living && known) continue;
    ASSIGN_OR_RETURN(const bool whole, reference.followed->projection->IsWhole(statements));
    if (!found.living && !whole) return NotYetVisible();
    violations->push_back(UnknownReference(field, *target, path));
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::resource
