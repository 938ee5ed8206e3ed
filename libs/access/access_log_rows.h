// SPDX-License-Identifier: Apache-2.0
// Rows of the table access_log and the message that stands for one: stored by every service for itself and by
// identity for all of them, read for ListAccessLog and for sending on. For access_log, access_log_forwarder
// and identity.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lianqiao/identity/v1/access_log.pb.h"
#include "libs/access/access_log.h"
#include "libs/postgres/database.h"

namespace lianqiao::access {

// The columns of a SELECT whose rows AccessLogEntryAt reads.
extern const char kAccessLogColumns[];

identity::v1::AccessLogEntry AccessLogEntryAt(const postgres::Result& result, int row);

inline constexpr size_t kRecordIdsMax = 1000;  // Of one entry.

// To 256 bytes, at the end of a character; gives the memory back.
void CutText(std::string* text);

// Texts are cut to 256 bytes and made storable; an entry whose id is there already is passed over, so a
// repetition adds nothing. INVALID_ARGUMENT for an id that is no UUID.
absl::Status StoreAccessLog(postgres::Statements& statements,
                            const std::vector<identity::v1::AccessLogEntry>& entries, Forward forward);

}  // namespace lianqiao::access
