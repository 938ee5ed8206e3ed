// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/jurisdiction_service.h"

#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "services/alliance-registry/jurisdiction_rules.h"
#include "services/alliance-registry/restructuring.h"

namespace lianqiao::registry {

using resource::Writing;
using v1::Jurisdiction;
using v1::Organisation;

namespace {

absl::Status RequireExisting(const Jurisdiction& jurisdiction, const std::string& field,
                             const std::string& effective) {
  if (jurisdiction.valid_to().empty() || jurisdiction.valid_to() >= effective) return absl::OkStatus();
  return base::FailIfAny(
      absl::StatusCode::kFailedPrecondition,
      {base::RefuseRule(field, "辖区在生效日期前已撤销", "had ended before the effective date")});
}

// The place ends; its code is free for a successor.
void End(const std::string& effective, const std::string& document, Jurisdiction* jurisdiction) {
  jurisdiction->set_valid_to(resource::DayBefore(effective));
  KeepCode(v1::CODE_KIND_DIVISION, jurisdiction->division_code(), effective, document, jurisdiction);
  jurisdiction->clear_division_code();
}

absl::StatusOr<v1::MergeJurisdictionsResponse> MergeJurisdictions(Writing& writing,
                                                                  const v1::MergeRequest& request) {
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  ASSIGN_OR_RETURN(const std::vector<std::string> sources, MergeSources(request));
  v1::MergeJurisdictionsResponse response;
  ASSIGN_OR_RETURN(const Jurisdiction target, writing.Load<Jurisdiction>(request.target_id()));
  RETURN_IF_ERROR(RequireExisting(target, "targetId", effective));
  *response.mutable_jurisdiction() = target;
  for (const std::string& id : sources) {
    ASSIGN_OR_RETURN(Jurisdiction source, writing.Load<Jurisdiction>(id));
    RETURN_IF_ERROR(RequireExisting(source, "sourceIds", effective));
    if (source.level() != target.level())
      return RefuseField("sourceIds", "只能合并同一层级的辖区",
                         "names a place of another level than the target");
    End(effective, request.document(), &source);
    source.set_replaced_by(target.id());
    writing.Name(id, "MERGE");
    RETURN_IF_ERROR(writing.Update(&source));
    RETURN_IF_ERROR(writing.Repoint(Jurisdiction::descriptor(), id, target.id(), effective));
    *response.add_merged() = std::move(source);
  }
  return response;
}

// Moves the named places and organisations of `source` to a new part.
absl::Status MoveTo(Writing& writing, const v1::JurisdictionPart& wanted, const std::string& source,
                    const std::string& part) {
  for (const std::string& id : wanted.child_ids()) {
    ASSIGN_OR_RETURN(Jurisdiction child, writing.Load<Jurisdiction>(id));
    if (child.parent_id() != source)
      return RefuseField("parts.childIds", "不是被拆分辖区的下级", "is not below the place that is split");
    child.set_parent_id(part);
    RETURN_IF_ERROR(writing.Update(&child));
  }
  for (const std::string& id : wanted.organisation_ids()) {
    ASSIGN_OR_RETURN(Organisation organisation, writing.Load<Organisation>(id));
    if (organisation.jurisdiction_id() != source)
      return RefuseField("parts.organisationIds", "不属于被拆分的辖区",
                         "does not belong to the place that is split");
    organisation.set_jurisdiction_id(part);
    RETURN_IF_ERROR(writing.Update(&organisation));
  }
  return absl::OkStatus();
}

absl::StatusOr<Jurisdiction> MakePart(Writing& writing, const Jurisdiction& source,
                                      const v1::JurisdictionPart& wanted, const std::string& effective) {
  Jurisdiction part = wanted.jurisdiction();
  part.clear_id();
  part.clear_replaced_by();
  part.set_split_from_id(source.id());
  if (part.valid_from().empty()) part.set_valid_from(effective);
  if (part.parent_id().empty()) part.set_parent_id(source.parent_id());
  if (part.level() == v1::JURISDICTION_LEVEL_UNSPECIFIED) part.set_level(source.level());
  RETURN_IF_ERROR(writing.Create(&part));
  return part;
}

absl::StatusOr<v1::SplitJurisdictionResponse> SplitJurisdiction(Writing& writing,
                                                                const v1::SplitJurisdictionRequest& request) {
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  v1::SplitJurisdictionResponse response;
  ASSIGN_OR_RETURN(Jurisdiction source, writing.Load<Jurisdiction>(request.id(), request.etag()));
  RETURN_IF_ERROR(RequireExisting(source, "id", effective));
  if (source.kind() == v1::JURISDICTION_KIND_NATION)
    return RefuseField("id", "全国不可拆分", "is the root of the tree and cannot be split");
  writing.Name(source.id(), "SPLIT");
  if (!request.keep_source()) {  // Before the parts, which may take over its code.
    End(effective, request.document(), &source);
    RETURN_IF_ERROR(writing.Update(&source));
  }
  for (const v1::JurisdictionPart& wanted : request.parts()) {
    ASSIGN_OR_RETURN(Jurisdiction part, MakePart(writing, source, wanted, effective));
    RETURN_IF_ERROR(MoveTo(writing, wanted, source.id(), part.id()));
    *response.add_jurisdictions() = std::move(part);
  }
  if (!request.keep_source()) {
    source.set_replaced_by(response.jurisdictions(0).id());
    RETURN_IF_ERROR(writing.Update(&source));
    RETURN_IF_ERROR(
        writing.Repoint(Jurisdiction::descriptor(), source.id(), source.replaced_by(), effective));
  }
  *response.mutable_source() = std::move(source);
  return response;
}

absl::StatusOr<Jurisdiction> RenameJurisdiction(Writing& writing, const v1::RenameRequest& request) {
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  ASSIGN_OR_RETURN(Jurisdiction jurisdiction, writing.Load<Jurisdiction>(request.id(), request.etag()));
  if (request.name() == jurisdiction.name())
    return RefuseField("name", "新名称与现名称相同", "is the name that it has already");
  Rename(request.name(), effective, request.document(), &jurisdiction);
  RETURN_IF_ERROR(writing.Update(&jurisdiction));
  return jurisdiction;
}

absl::StatusOr<Jurisdiction> RecodeJurisdiction(Writing& writing, const v1::RecodeRequest& request) {
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  ASSIGN_OR_RETURN(Jurisdiction jurisdiction, writing.Load<Jurisdiction>(request.id(), request.etag()));
  if (request.kind() != v1::CODE_KIND_DIVISION)
    return RefuseField("kind", "辖区只有行政区划代码",
                       "is a code of organisations; a place has a division code only");
  const std::string old_code = jurisdiction.division_code();
  if (old_code == request.code())
    return RefuseField("code", "新代码与原代码相同", "is the code that it has already");
  Recode(request, old_code, effective, &jurisdiction);
  jurisdiction.set_division_code(request.code());
  if (!request.name().empty() && request.name() != jurisdiction.name())
    Rename(request.name(), effective, request.document(), &jurisdiction);
  writing.Name(jurisdiction.id(), "KEY_CHANGE");
  RETURN_IF_ERROR(writing.Update(&jurisdiction));
  return jurisdiction;
}

}  // namespace

void AddJurisdictions(resource::Service& service) {
  resource::Resource<Jurisdiction>(service)
      .facts(JurisdictionParentFacts())
      .rules(CheckJurisdiction)
      .on("MergeJurisdictions", MergeJurisdictions)
      .on("SplitJurisdiction", SplitJurisdiction)
      .on("RenameJurisdiction", RenameJurisdiction)
      .on("RecodeJurisdiction", RecodeJurisdiction);
}

}  // namespace lianqiao::registry
