#pragma once

#include <stddef.h>
#include <sys/types.h>

/// A datagram socket for `csystemd_notify`, close-on-exec and non-blocking. Returns the descriptor, or -errno.
int csystemd_notify_open(void);

/// Sends a datagram to a socket by its path, or by its abstract name with '@' in front, without blocking.
/// Returns 0 or the errno: ENAMETOOLONG or EINVAL if that is no address, EAGAIN if there is no room.
int csystemd_notify(int socket, const char *address, const void *bytes, size_t count);

/// What a descriptor is that a service manager has passed.
enum csystemd_passed {
    csystemd_passed_listener,
    csystemd_passed_other_socket,
    csystemd_passed_no_socket,
    csystemd_passed_nothing,
};

/// Has a descriptor closed on exec and not block, and says whether it is a listening Unix stream socket.
enum csystemd_passed csystemd_take_passed(int descriptor);
