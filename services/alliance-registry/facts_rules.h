// SPDX-License-Identifier: Apache-2.0
// What must be true of fact submissions and yearly facts: facts change only while their submission is a
// draft, belong to its county and year, and are not impossible. Pure.
#pragma once

#include "lianqiao/registry/v1/fact_submission.pb.h"
#include "lianqiao/registry/v1/jurisdiction_year_facts.pb.h"
#include "lianqiao/registry/v1/school_year_facts.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Facts: "place" (level of the jurisdiction; gone before the statistics day); on submitting "contents"
// (jurisdiction_facts, a count).
resource::FactQuery SubmissionPlaceFacts();
resource::FactQuery SubmissionContentFacts();
resource::Violations CheckFactSubmission(const v1::FactSubmission* before, const v1::FactSubmission& after,
                                         const resource::Facts& facts);

// Facts: "submission" (state, jurisdiction_id, school_year_id), the school's kind and its jurisdiction_id of
// the statistics day as school_kind and school_jurisdiction_id, school_closed before that day,
// reported_elsewhere (another place has facts of the same school, stage and year).
resource::FactQuery SchoolFactsSubmission();
resource::Violations CheckSchoolYearFacts(const v1::SchoolYearFacts* before, const v1::SchoolYearFacts& after,
                                          const resource::Facts& facts);

// Facts leave a draft only.
resource::Violations CheckSchoolYearFactsDeletion(const v1::SchoolYearFacts& record,
                                                  const resource::Facts& facts);
resource::Violations CheckJurisdictionYearFactsDeletion(const v1::JurisdictionYearFacts& record,
                                                        const resource::Facts& facts);

// Facts: "submission" (state, jurisdiction_id, school_year_id).
resource::FactQuery JurisdictionFactsSubmission();
resource::Violations CheckJurisdictionYearFacts(const v1::JurisdictionYearFacts* before,
                                                const v1::JurisdictionYearFacts& after,
                                                const resource::Facts& facts);

}  // namespace lianqiao::registry
