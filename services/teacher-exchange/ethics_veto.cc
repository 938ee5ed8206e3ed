// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/ethics_veto.h"

namespace lianqiao::exchange {

resource::FactQuery EthicsFacts(const std::string& teacher_field, std::vector<std::string> methods) {
  return {"ethics",
          "SELECT e.outcome FROM ethics_result e WHERE e.teacher_id = $1::uuid AND e.delete_time IS NULL"
          " AND e.outcome <> 'ETHICS_OUTCOME_UNSPECIFIED' ORDER BY e.year DESC LIMIT 1",
          {teacher_field},
          std::move(methods),
          true};
}

void CheckEthics(const char* teacher_field, const resource::Facts& facts, resource::Violations* violations) {
  for (const resource::FactRow& ethics : facts.rows("ethics")) {
    if (ethics.Text("outcome") == "ETHICS_OUTCOME_FAILED")
      violations->push_back(
          base::RefuseRule(teacher_field, "未通过任职前审核,请向主管教育局核实",
                           "does not pass the checks before a post or an award; ask the bureau in charge"));
  }
}

}  // namespace lianqiao::exchange
