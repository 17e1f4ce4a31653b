#pragma once

#include <stdint.h>

/// A timer of CLOCK_REALTIME (timerfd_create(2)), close-on-exec and non-blocking, or -errno.
int clinux_timer_create(void);

/// Has the timer become readable at a time, in nanoseconds since 1970, and whenever the clock is set
/// (TFD_TIMER_CANCEL_ON_SET). Returns 0 or the errno.
int clinux_timer_set(int timer, int64_t nanoseconds);

/// Takes what a readable timer has to tell: 1 the time has come, -ECANCELED the clock was set, 0 nothing, or -errno.
int clinux_timer_read(int timer);

/// A timer of CLOCK_BOOTTIME, which nobody sets, close-on-exec; or -errno.
int clinux_steady_timer_create(void);

/// Has the timer ring in so many nanoseconds, in place of what was set before. Returns 0 or the errno.
int clinux_steady_timer_set(int timer, int64_t nanoseconds);

/// Blocks until the timer rings. Returns 0 or the errno.
int clinux_steady_timer_wait(int timer);
