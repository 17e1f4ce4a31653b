#include "CLinux.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

int clinux_timer_create(void) {
    int timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    return timer < 0 ? -errno : timer;
}

int clinux_timer_set(int timer, int64_t nanoseconds) {
    // Zero would disarm it.
    int64_t at = nanoseconds > 0 ? nanoseconds : 1;
    struct itimerspec time = {.it_value = {.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &time, NULL) == 0 ? 0 : errno;
}

int clinux_timer_read(int timer) {
    uint64_t count;
    if (read(timer, &count, sizeof count) == sizeof count)
        return 1;
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int clinux_steady_timer_create(void) {
    int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
    return timer < 0 ? -errno : timer;
}

int clinux_steady_timer_set(int timer, int64_t nanoseconds) {
    // Zero would disarm it.
    int64_t in = nanoseconds > 0 ? nanoseconds : 1;
    struct itimerspec time = {.it_value = {.tv_sec = in / 1000000000, .tv_nsec = in % 1000000000}};
    return timerfd_settime(timer, 0, &time, NULL) == 0 ? 0 : errno;
}

int clinux_steady_timer_wait(int timer) {
    uint64_t count;
    while (read(timer, &count, sizeof count) != sizeof count)
        if (errno != EINTR)
            return errno;
    return 0;
}
