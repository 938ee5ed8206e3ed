// SPDX-License-Identifier: Apache-2.0
// From the text of a cell to the value of a field: codes by name or label, dates as spreadsheets write them,
// 是 and 否, lists separated by semicolons.
#pragma once

#include <string>
#include <vector>

#include "libs/bulk/columns.h"

namespace lianqiao::bulk {

// Sets the column's field in `record`, which is of the kind that the columns were parsed for; an empty cell
// sets nothing. Violations carry the field's path in the record's JSON.
void SetCell(const Column& column, const std::string& cell, contract::Message* record,
             std::vector<base::Violation>* violations);

// Elements that were only made because a later one has values are taken out again.
void DropEmptyElements(const std::vector<Column>& columns, contract::Message* record);

}  // namespace lianqiao::bulk
