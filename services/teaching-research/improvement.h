// SPDX-License-Identifier: Apache-2.0
// The improvement coefficient by our own definition lianqiao-1: what it says, and its arithmetic. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lianqiao/research/v1/improvement_coefficient.pb.h"
#include "services/teaching-research/test_analysis.h"

namespace lianqiao::research {

// The definition, as it stands in the record of this version (migration 0035). A version never changes.
extern const char kImprovementVersion[];
extern const char kImprovementDefinitionId[];
extern const char kImprovementWords[];
extern const char kImprovementFormula[];

// Mean and deviation of one subject over all schools of a test.
struct FieldFigures {
  double mean_score = 0;
  double standard_deviation = 0;  // Above 0: a field without spread is none.
};

// One of the two tests, as far as it concerns the unit.
struct TestFigures {
  std::map<type::v1::Subject, FieldFigures> fields;
  std::vector<SchoolFigures> results;  // Of the unit's schools.
};

struct Improvement {
  std::optional<double> value;  // Unset: nothing counts.
  std::vector<v1::ImprovementCell> cells;
  std::vector<v1::ExcludedCell> excluded;
};

// Cells and what is excluded in the order of school and subject.
Improvement Improve(const TestFigures& baseline, const TestFigures& outcome);

// In which year the pupils of this grade began grade 1, as far as they did so together: equal for two tests
// of one cohort. 0: not known.
int CohortYear(const std::string& school_year, type::v1::Grade grade);

}  // namespace lianqiao::research
