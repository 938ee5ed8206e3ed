// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/main.h"
#include "services/teacher-exchange/exchange.h"

int main(int argc, char** argv) {
  return lianqiao::runtime::Main(argc, argv, lianqiao::exchange::ExchangeDefinition());
}
