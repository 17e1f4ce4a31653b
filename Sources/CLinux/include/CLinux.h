#pragma once

#include "child.h"
#include "file.h"
#include "lock.h"
#include "memory.h"
#include "process.h"
#include "signals.h"
#include "socket.h"
#include "timer.h"
#include "watch.h"
