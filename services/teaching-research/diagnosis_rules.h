// SPDX-License-Identifier: Apache-2.0
// What diagnosis visits and their findings must satisfy (domain D74). Pure.
#pragma once

#include "lianqiao/research/v1/diagnosis_finding.pb.h"
#include "lianqiao/research/v1/diagnosis_visit.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

// Facts: "reach" (kind of the visited school; `allied`, `in_place`: how the visiting body reaches it),
// "findings" (of the visit, for reporting only).
resource::FactQuery VisitReachFacts();
resource::FactQuery VisitFindingFacts();
// A report that was taken back has no date.
void TakeReportBack(v1::DiagnosisVisit* visit, const resource::Facts& facts);
resource::Violations CheckDiagnosisVisit(const v1::DiagnosisVisit* before, const v1::DiagnosisVisit& after,
                                         const resource::Facts& facts);
// Only a plan may have been a mistake.
resource::Violations CheckDiagnosisVisitDeletion(const v1::DiagnosisVisit& record,
                                                 const resource::Facts& facts);

// Fact "visit": its state.
resource::FactQuery FindingVisitFacts();
resource::Violations CheckDiagnosisFinding(const v1::DiagnosisFinding* before,
                                           const v1::DiagnosisFinding& after, const resource::Facts& facts);
resource::Violations CheckDiagnosisFindingDeletion(const v1::DiagnosisFinding& record,
                                                   const resource::Facts& facts);

}  // namespace lianqiao::research
