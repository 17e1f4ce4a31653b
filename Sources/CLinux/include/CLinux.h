#pragma once

#include "file.h"
#include "lock.h"
#include "memory.h"
#include "process.h"
#include "signals.h"
#include "socket.h"
#include "spawn.h"
#include "watch.h"
