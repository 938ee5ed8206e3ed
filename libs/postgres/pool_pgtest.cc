// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/pgtest.h"
