// SPDX-License-Identifier: Apache-2.0
// Ids of persons in other systems that are a resident id or a mobile number: never stored (domain §1.13).
// Other texts of a record are looked at by the contract already. Pure.
#pragma once

#include "absl/strings/str_cat.h"
#include "libs/base/text.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

template <typename Record>
void RefusePersonalNumbers(const Record& record, resource::Violations* violations) {
  for (int i = 0; i < record.external_ids_size(); ++i) {
    if (base::LooksLikePersonalNumber(record.external_ids(i).id()))
      violations->push_back(
          base::Refuse(absl::StrCat("externalIds[", i, "].id"), base::ErrorReason::FORBIDDEN_PERSONAL_DATA));
  }
}

}  // namespace lianqiao::exchange
