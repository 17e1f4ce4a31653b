#pragma once

/// Takes a whole-file open-file-description lock (fcntl(2), F_OFD_SETLK) without waiting.
/// Returns 0, or the errno: EAGAIN if another description holds it.
int clinux_lock(int descriptor);

/// Whether another open file description holds the lock: 1, 0, or -errno.
int clinux_is_locked(int descriptor);
