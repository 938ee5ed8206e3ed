// SPDX-License-Identifier: Apache-2.0
// What unified tests and their results must satisfy (domain D70, §1.13 on tests and ranks). Pure.
#pragma once

#include "lianqiao/research/v1/test_result.pb.h"
#include "lianqiao/research/v1/unified_test.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

// Senior stages and the junior graduating grade: elsewhere tests over schools are banned but for monitoring.
bool MayBeTestedTogether(type::v1::Stage stage, type::v1::Grade grade);

// Facts: "participants" (of each: position, found, allied, in_place), "place" (whether the organiser is the
// authority of its testing place: `within`), "stray" (results that its subjects and participants would leave
// without a place).
resource::FactQuery TestParticipantFacts();
resource::FactQuery TestPlaceFacts();
resource::FactQuery StrayResultFacts();
resource::Violations CheckUnifiedTest(const v1::UnifiedTest* before, const v1::UnifiedTest& after,
                                      const resource::Facts& facts);
resource::Violations CheckUnifiedTestDeletion(const v1::UnifiedTest& record, const resource::Facts& facts);
// Before there is an analysis, there are no figures of one; one that was taken back has no date.
void ClearAnalysis(v1::UnifiedTest* test, const resource::Facts& facts);

// Fact "test": state, organisation_id, subjects of the test; `analysed`: it has figures; `participates`: the
// school is one of its participants.
resource::FactQuery ResultTestFacts();
resource::Violations CheckTestResult(const v1::TestResult* before, const v1::TestResult& after,
                                     const resource::Facts& facts);
resource::Violations CheckTestResultDeletion(const v1::TestResult& record, const resource::Facts& facts);

}  // namespace lianqiao::research
