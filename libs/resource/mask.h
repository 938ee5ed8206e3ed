// SPDX-License-Identifier: Apache-2.0
// What of a record is left out for a reader without the right to its personal fields. For libs/resource and
// libs/sync.
#pragma once

#include "libs/contract/contract.h"

namespace lianqiao::resource {

// Whether records of the kind have anything to hide at all.
bool HasHiddenFields(const contract::Resource& resource);
// Clears personal fields and counts too small to show, with those that would tell them.
void HideFields(const contract::Resource& resource, contract::Message* record);
// Whether a personal field of the record is set: showing it belongs in the access log.
bool HoldsPersonal(const contract::Resource& resource, const contract::Message& record);

}  // namespace lianqiao::resource
