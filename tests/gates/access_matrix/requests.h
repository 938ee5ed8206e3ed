// SPDX-License-Identifier: Apache-2.0
// The least request of a method about one record of a world, from the contract. Only for this gate.
#pragma once

#include <memory>
#include <string>

#include "libs/contract/contract.h"
#include "tests/gates/access_matrix/world.h"

namespace lianqiao::gates {

using google::protobuf::Message;

std::unique_ptr<Message> NewMessage(const contract::Descriptor* type);

// Sets what the field rules require and nothing else. `year` makes keys that no record of the world holds.
void FillRequired(const World& world, int year, Message* message);

// A record that Create could take.
std::unique_ptr<Message> NewRecord(const World& world, const contract::Resource& resource, int year);

// `stored`: the record of the world with this id as it stands, for methods that send one.
std::unique_ptr<Message> RequestOf(const contract::Contract& contract, const contract::Method& method,
                                   const World& world, const std::string& id, const Message* stored);

}  // namespace lianqiao::gates
