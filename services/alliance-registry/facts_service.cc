// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/facts_service.h"

#include "libs/resource/wrong_state.h"
#include "services/alliance-registry/data_quality.h"
#include "services/alliance-registry/facts_rules.h"

namespace lianqiao::registry {

using postgres::Parameters;
using resource::Writing;
using v1::FactSubmission;
using v1::JurisdictionYearFacts;
using v1::SchoolYearFacts;

namespace {

// Copies every record of facts of one submission into another. All are read, whether the caller may or not:
// who may not write one of them restates nothing, rather than a part.
template <typename Record>
absl::Status CopyFacts(Writing& writing, const std::string& kind, const std::string& from,
                       const std::string& to) {
  const resource::NamedQuery query{"facts_to_copy_" + kind,
                                   "SELECT f.id FROM " + kind +
                                       " f WHERE f.submission_id = $1::uuid AND f.delete_time IS NULL"
                                       " ORDER BY f.id"};
  ASSIGN_OR_RETURN(const postgres::Result ids, writing.Query(query, Parameters().Text(from)));
  for (int i = 0; i < ids.rows(); ++i) {
    auto loaded = writing.Load<Record>(ids.Text(i, 0));
    // The caller knows the submission: what is missing is the right to write its facts.
    if (absl::IsNotFound(loaded.status()) || absl::IsPermissionDenied(loaded.status()))
      return base::Fail(absl::StatusCode::kPermissionDenied, base::ErrorReason::PERMISSION_DENIED,
                        {{"permission", "registry." + kind + ".write"}});
    RETURN_IF_ERROR(loaded.status());
    Record record = *std::move(loaded);
    record.clear_id();
    record.clear_external_ids();
    record.set_submission_id(to);
    RETURN_IF_ERROR(writing.Create(&record));
  }
  return absl::OkStatus();
}

absl::StatusOr<FactSubmission> RestateFactSubmission(Writing& writing,
                                                     const v1::RestateFactSubmissionRequest& request) {
  static const resource::NamedQuery kNewer{"newer_submission",
                                           "SELECT 1 FROM {visible:fact_submission s} WHERE "
                                           "s.jurisdiction_id = $1::uuid AND s.school_year_id = $2::uuid"
                                           " AND s.restatement > $3::int LIMIT 1"};
  ASSIGN_OR_RETURN(const FactSubmission old, writing.Load<FactSubmission>(request.id(), request.etag()));
  if (old.state() != v1::FACT_SUBMISSION_STATE_ACCEPTED && old.state() != v1::FACT_SUBMISSION_STATE_FROZEN) {
    return resource::WrongState(old.state(), "ACCEPTED, FROZEN");
  }
  ASSIGN_OR_RETURN(
      const postgres::Result newer,
      writing.Query(
          kNewer,
          Parameters().Text(old.jurisdiction_id()).Text(old.school_year_id()).Integer(old.restatement())));
  if (newer.rows() > 0) {
    return base::FailIfAny(
        absl::StatusCode::kFailedPrecondition,
        {base::RefuseRule("id", "已有更新的更正报送", "has been restated already: correct the newest")});
  }
  FactSubmission next;
  next.set_jurisdiction_id(old.jurisdiction_id());
  next.set_school_year_id(old.school_year_id());
  next.set_restatement(old.restatement() + 1);
  next.set_state(v1::FACT_SUBMISSION_STATE_DRAFT);
  next.set_restates_id(old.id());
  next.set_restatement_reason(request.reason());
  next.set_source(old.source());
  next.set_synthetic(old.synthetic());
  RETURN_IF_ERROR(writing.Create(&next));
  RETURN_IF_ERROR(CopyFacts<SchoolYearFacts>(writing, "school_year_facts", old.id(), next.id()));
  RETURN_IF_ERROR(CopyFacts<JurisdictionYearFacts>(writing, "jurisdiction_year_facts", old.id(), next.id()));
  return next;
}

}  // namespace

void AddFacts(resource::Service& service) {
  resource::Resource<FactSubmission>(service)
      .facts(SubmissionPlaceFacts())
      .facts(SubmissionContentFacts())
      .rules(CheckFactSubmission)
      .on("RestateFactSubmission", RestateFactSubmission);
  resource::Resource<SchoolYearFacts>(service)
      .facts(SchoolFactsSubmission())
      .rules(CheckSchoolYearFacts)
      .deletion_rules(CheckSchoolYearFactsDeletion);
  resource::Resource<JurisdictionYearFacts>(service)
      .facts(JurisdictionFactsSubmission())
      .rules(CheckJurisdictionYearFacts)
      .deletion_rules(CheckJurisdictionYearFactsDeletion);
  service.on("lianqiao.registry.v1.DataQualityService", "GetDataQuality", GetDataQuality);
}

}  // namespace lianqiao::registry
