// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/organisation_service.h"

#include <algorithm>

#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/resource/wrong_state.h"
#include "services/alliance-registry/organisation_rules.h"
#include "services/alliance-registry/restructuring.h"

namespace lianqiao::registry {

using resource::NamedQuery;
using resource::Writing;
using v1::Organisation;

namespace {

absl::Status RequireOpen(const Organisation& organisation) {
  const v1::OrganisationStatus status = organisation.status();
  if (status == v1::ORGANISATION_STATUS_PLANNED || status == v1::ORGANISATION_STATUS_ACTIVE)
    return absl::OkStatus();
  return resource::WrongState(status, "PLANNED, ACTIVE");
}

// The organisation ends in others; its codes are free for a successor. What was only planned never existed.
void End(const std::string& effective, const std::string& document, Organisation* organisation) {
  const bool planned = organisation->status() == v1::ORGANISATION_STATUS_PLANNED;
  organisation->set_status(planned ? v1::ORGANISATION_STATUS_ABANDONED : v1::ORGANISATION_STATUS_MERGED);
  if (!planned) organisation->set_closed_on(resource::DayBefore(effective));
  KeepCode(v1::CODE_KIND_SCHOOL, organisation->school_code(), effective, document, organisation);
  KeepCode(v1::CODE_KIND_SOCIAL_CREDIT, organisation->social_credit_code(), effective, document,
           organisation);
  organisation->clear_school_code();
  organisation->clear_social_credit_code();
}

absl::StatusOr<v1::MergeOrganisationsResponse> MergeOrganisations(Writing& writing,
                                                                  const v1::MergeRequest& request) {
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  ASSIGN_OR_RETURN(const std::vector<std::string> sources, MergeSources(request));
  v1::MergeOrganisationsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_organisation(), writing.Load<Organisation>(request.target_id()));
  RETURN_IF_ERROR(RequireOpen(response.organisation()));
  for (const std::string& id : sources) {
    if (response.organisation().parent_organisation_id() == id)
      return RefuseField("targetId", "不能并入自己的下属机构",
                         "stands below one of the organisations that end");
    ASSIGN_OR_RETURN(Organisation source, writing.Load<Organisation>(id));
    RETURN_IF_ERROR(RequireOpen(source));
    End(effective, request.document(), &source);
    source.set_replaced_by(request.target_id());
    writing.Name(id, "MERGE");
    RETURN_IF_ERROR(writing.Update(&source));
    RETURN_IF_ERROR(writing.Repoint(Organisation::descriptor(), id, request.target_id(), effective));
    *response.add_merged() = std::move(source);
  }
  return response;
}

// Creates one part and moves to it what the request names.
absl::StatusOr<Organisation> MakePart(Writing& writing, const Organisation& source,
                                      const v1::OrganisationPart& wanted, const std::string& effective) {
  Organisation part = wanted.organisation();
  part.clear_id();
  part.clear_replaced_by();
  part.set_split_from_id(source.id());
  part.set_status(v1::ORGANISATION_STATUS_ACTIVE);
  if (part.opened_on().empty()) part.set_opened_on(effective);
  if (part.jurisdiction_id().empty()) part.set_jurisdiction_id(source.jurisdiction_id());
  RETURN_IF_ERROR(writing.Create(&part));
  for (const std::string& id : wanted.organisation_ids()) {
    ASSIGN_OR_RETURN(Organisation moved, writing.Load<Organisation>(id));
    if (moved.parent_organisation_id() != source.id())
      return RefuseField("parts.organisationIds", "不是被拆分机构的下属机构",
                         "is not below the organisation that is split");
    moved.set_parent_organisation_id(part.id());
    RETURN_IF_ERROR(writing.Update(&moved));
  }
  return part;
}

absl::StatusOr<v1::SplitOrganisationResponse> SplitOrganisation(Writing& writing,
                                                                const v1::SplitOrganisationRequest& request) {
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  v1::SplitOrganisationResponse response;
  ASSIGN_OR_RETURN(Organisation source, writing.Load<Organisation>(request.id(), request.etag()));
  RETURN_IF_ERROR(RequireOpen(source));
  writing.Name(source.id(), "SPLIT");
  if (!request.keep_source()) {  // Before the parts, which may take over its codes.
    End(effective, request.document(), &source);
    RETURN_IF_ERROR(writing.Update(&source));
  }
  for (const v1::OrganisationPart& wanted : request.parts()) {
    ASSIGN_OR_RETURN(*response.add_organisations(), MakePart(writing, source, wanted, effective));
  }
  if (!request.keep_source()) {
    source.set_replaced_by(response.organisations(0).id());
    RETURN_IF_ERROR(writing.Update(&source));
    RETURN_IF_ERROR(
        writing.Repoint(Organisation::descriptor(), source.id(), source.replaced_by(), effective));
  }
  *response.mutable_source() = std::move(source);
  return response;
}

absl::StatusOr<Organisation> RenameOrganisation(Writing& writing, const v1::RenameRequest& request) {
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  ASSIGN_OR_RETURN(Organisation organisation, writing.Load<Organisation>(request.id(), request.etag()));
  if (request.name() == organisation.name())
    return RefuseField("name", "新名称与现名称相同", "is the name that it has already");
  Rename(request.name(), effective, request.document(), &organisation);
  RETURN_IF_ERROR(writing.Update(&organisation));
  return organisation;
}

absl::StatusOr<Organisation> RecodeOrganisation(Writing& writing, const v1::RecodeRequest& request) {
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  ASSIGN_OR_RETURN(Organisation organisation, writing.Load<Organisation>(request.id(), request.etag()));
  if (request.kind() == v1::CODE_KIND_DIVISION)
    return RefuseField("kind", "机构没有行政区划代码", "is a code of places, not of organisations");
  const bool school = request.kind() == v1::CODE_KIND_SCHOOL;
  const std::string old_code = school ? organisation.school_code() : organisation.social_credit_code();
  if (old_code == request.code())
    return RefuseField("code", "新代码与原代码相同", "is the code that it has already");
  Recode(request, old_code, effective, &organisation);
  if (school) {
    organisation.set_school_code(request.code());
  } else {
    organisation.set_social_credit_code(request.code());
  }
  if (!request.name().empty() && request.name() != organisation.name())
    Rename(request.name(), effective, request.document(), &organisation);
  writing.Name(organisation.id(), "KEY_CHANGE");
  RETURN_IF_ERROR(writing.Update(&organisation));
  return organisation;
}

// A closed school stays with its place when that ends; what took the place over has it from then on.
absl::Status FollowJurisdiction(Writing& writing, Organisation* organisation) {
  static const NamedQuery successor{
      "successor_of_jurisdiction",
      "SELECT j.replaced_by, j.valid_to::text FROM jurisdiction j WHERE j.id = $1::uuid"
      " AND j.replaced_by IS NOT NULL AND j.valid_to IS NOT NULL"};
  constexpr int kMaxSteps = 20;  // Mergers with dates out of order may go round in a circle.
  for (int step = 0; step < kMaxSteps; ++step) {
    const std::string place = organisation->jurisdiction_id();
    ASSIGN_OR_RETURN(const postgres::Result found,
                     writing.Query(successor, postgres::Parameters().Text(place)));
    if (found.rows() == 0) return absl::OkStatus();
    const auto& former = organisation->former_jurisdictions();
    std::string from;
    for (const v1::FormerJurisdiction& entry : former)
      from = std::max(from, resource::DayAfter(entry.valid_to()));
    const std::string to = found.Text(0, 1);
    if (from <= to) {
      v1::FormerJurisdiction& left = *organisation->add_former_jurisdictions();
      left.set_jurisdiction_id(place);
      left.set_valid_from(from);
      left.set_valid_to(to);
    }
    organisation->set_jurisdiction_id(found.Text(0, 0));
  }
  return absl::OkStatus();
}

absl::StatusOr<Organisation> ReopenOrganisation(Writing& writing,
                                                const type::v1::TransitionRequest& request) {
  ASSIGN_OR_RETURN(Organisation organisation, writing.Load<Organisation>(request.id(), request.etag()));
  if (organisation.status() != v1::ORGANISATION_STATUS_CLOSED) {
    return resource::WrongState(organisation.status(), "CLOSED");
  }
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  // Closed on a day to come: it was never away.
  const std::string& closed_on = organisation.closed_on();
  const bool away = closed_on.empty() || closed_on < writing.today();
  if (away && !closed_on.empty() && effective <= closed_on)
    return RefuseField("effectiveOn", "须晚于撤销日期", "must be later than the day on which it closed");
  const std::string first = resource::DayAfter(closed_on);
  const std::string last = resource::DayBefore(effective);
  if (away && first <= last) {
    v1::ClosedPeriod& period = *organisation.add_closed_periods();
    period.set_valid_from(first);
    period.set_valid_to(last);
    period.set_reason(request.reason());
  }
  organisation.set_status(v1::ORGANISATION_STATUS_ACTIVE);
  organisation.clear_closed_on();
  RETURN_IF_ERROR(FollowJurisdiction(writing, &organisation));
  RETURN_IF_ERROR(writing.Update(&organisation));
  return organisation;
}

}  // namespace

void AddOrganisations(resource::Service& service) {
  resource::Resource<Organisation>(service)
      .facts(OrganisationPlaceFacts())
      .facts(OpenUnitsFacts())
      .rules(CheckOrganisation)
      .on("MergeOrganisations", MergeOrganisations)
      .on("SplitOrganisation", SplitOrganisation)
      .on("RenameOrganisation", RenameOrganisation)
      .on("RecodeOrganisation", RecodeOrganisation)
      .on("ReopenOrganisation", ReopenOrganisation);
}

}  // namespace lianqiao::registry
