// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/main.h"
#include "services/resource-sharing/resources.h"

int main(int argc, char** argv) {
  return lianqiao::runtime::Main(argc, argv, lianqiao::resources::ResourcesDefinition());
}
