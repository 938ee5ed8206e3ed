// SPDX-License-Identifier: Apache-2.0
// Imports and exports of several services as one. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lianqiao/sync/v1/export.pb.h"
#include "lianqiao/sync/v1/import.pb.h"

namespace lianqiao::gateway::sync {

// An import as the gateway shows it: under its service's name.
void NameImport(const std::string& service, lianqiao::sync::v1::Import* import);
// One for all parts: counts added up, the state of the least advanced; as failed only if every part is.
lianqiao::sync::v1::Import CombineImports(const std::string& id,
                                          const std::vector<lianqiao::sync::v1::Import>& parts);

// An export as the gateway shows it: files as "<service>-<name>", the cursor as one of the gateway's.
void NameExport(const std::string& service, lianqiao::sync::v1::Export* own);
// One for all parts, which are named already; without a cursor and complete files until every part has
// succeeded, and failed if one has: half an export is none.
lianqiao::sync::v1::Export CombineExports(const std::string& id,
                                          const std::vector<lianqiao::sync::v1::Export>& parts);

// "registry-organisation-0001.ndjson.gz" -> (registry, organisation-0001.ndjson.gz); empty without a dash.
std::pair<std::string, std::string> SplitFileName(const std::string& name);

}  // namespace lianqiao::gateway::sync
