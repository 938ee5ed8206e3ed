// SPDX-License-Identifier: Apache-2.0
// The analysis of a unified test over all of its schools. Pure arithmetic.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lianqiao/research/v1/unified_test.pb.h"

namespace lianqiao::research {

// Groups below this say too much about single pupils (domain §1.13).
constexpr int kSmallestGroup = 10;
// With fewer schools the figures of the field are those of single schools.
constexpr int kSmallestField = 3;

// What one school reached in one subject.
struct SchoolFigures {
  std::string school_id;
  type::v1::Subject subject = type::v1::SUBJECT_UNSPECIFIED;
  int64_t tested_count = 0;
  double mean_score = 0;
  std::optional<double> standard_deviation = std::nullopt;  // Of the population.
  std::optional<double> pass_share = std::nullopt;
  std::optional<double> excellent_share = std::nullopt;
};

// One analysis per subject that has a result, in the order of the code list. Groups that are too small count
// nowhere; a field that is too small, or lacks a figure of one of its schools, does not have that figure.
//   mean       M  = Σ nᵢ·mᵢ / Σ nᵢ
//   deviation  S² = Σ nᵢ·(sᵢ² + (mᵢ − M)²) / Σ nᵢ
//   shares          weighted by nᵢ, too
std::vector<v1::SubjectAnalysis> AnalyseSubjects(const std::vector<SchoolFigures>& results);

}  // namespace lianqiao::research
