// SPDX-License-Identifier: Apache-2.0
// One line per method and one column per role, as both golden matrices write them. Only for this gate.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/contract/contract.h"

namespace lianqiao::gates {

// What the codes of the table mean.
extern const char kCodes[];

// "ok", "nf" …; the whole name of a code that no call of the gate should be answered with.
std::string ShortCode(absl::StatusCode code);

bool IsList(const contract::Method& method);

// Code and text of an answer; a list answers "1" or "0", a batch the code of its only record.
std::pair<std::string, std::string> AnswerOf(const contract::Method& method, const absl::Status& status,
                                             const google::protobuf::Message& response);

std::string MatrixHead(const std::vector<std::string>& roles);
std::string MatrixLine(const contract::Method& method, const std::vector<std::string>& home,
                       const std::vector<std::string>& away);

// The contract's methods, service by service.
std::vector<const contract::Method*> MethodsByService(const contract::Contract& contract);

}  // namespace lianqiao::gates
