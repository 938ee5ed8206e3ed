// SPDX-License-Identifier: Apache-2.0
// Records as people read them, with the labels of the contract.
#pragma once

#include <google/protobuf/message.h>

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lianqiao/sync/v1/import.pb.h"
#include "libs/contract/contract.h"
#include "tools/cli/command.h"

namespace lianqiao::cli {

std::string LabelOf(const contract::Field& field, base::Language language);
std::string LabelOf(const contract::Resource& resource, base::Language language);
// An enum value by its label, a list by its elements, a message as JSON; empty if it is not set.
std::string ValueText(const google::protobuf::Message& record, const contract::Field& field,
                      base::Language language);

absl::StatusOr<std::string> JsonOf(const google::protobuf::Message& message);

// One record, a line per field that is set; with -o json its JSON.
absl::Status PrintRecord(const contract::Resource& resource, const google::protobuf::Message& record,
                         const Context& context, std::ostream& out);
// A page as a table of these columns (empty: id, revision and what the contract lets one order by); with
// -o json one record per line. INVALID_ARGUMENT names an unknown column.
absl::Status PrintRecords(const contract::Resource& resource,
                          const std::vector<const google::protobuf::Message*>& records,
                          const std::vector<std::string>& columns, const Context& context, std::ostream& out);

// What is wrong, and the remedy, in the language of the command.
std::string ProblemText(const sync::v1::ImportProblem& problem, const Context& context);

// A file's content, or standard input for "-"; up to `bytes_max`.
absl::StatusOr<std::string> ReadText(const std::string& path, size_t bytes_max);

}  // namespace lianqiao::cli
