// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/main.h"
#include "services/teaching-research/research.h"

int main(int argc, char** argv) {
  return lianqiao::runtime::Main(argc, argv, lianqiao::research::ResearchDefinition());
}
