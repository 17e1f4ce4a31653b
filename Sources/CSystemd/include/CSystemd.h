#pragma once

#include "bus.h"
#include "notify.h"
