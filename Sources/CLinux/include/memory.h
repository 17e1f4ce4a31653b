#pragma once

#include <poll.h>
#include <stddef.h>

/// Waits like poll(2), for at most `milliseconds`, or for ever if that is negative, after giving memory back: the
/// pages of the program's own file (the kernel reads them again from the page cache when they are needed) and what
/// malloc keeps free. Returns what poll(2) returns, or -errno.
int clinux_poll_small(struct pollfd *descriptors, int count, int milliseconds);

/// Anonymous memory whose pages exist only while they are used; NULL if there is none.
void *clinux_map(size_t size);

/// Gives the pages of mapped memory back; it reads as zeros afterwards.
void clinux_map_empty(void *memory, size_t size);

/// Ends a mapping of `clinux_map`.
void clinux_unmap(void *memory, size_t size);

/// Keeps `size` bytes of disk for a file without changing its size, where the file system can. Returns 0 or the errno.
int clinux_reserve(int descriptor, size_t size);

/// Has malloc keep at most `count` arenas, for a process whose threads allocate little and live long.
void clinux_limit_arenas(int count);

/// An empty file in memory, close-on-exec (memfd_create(2)). Returns the descriptor, or -errno.
int clinux_memory(const char *name);

/// A file in memory with these bytes, close-on-exec and sealed: nobody can change it any more (memfd_create(2)).
/// Returns the descriptor, or -errno.
int clinux_sealed_memory(const char *name, const void *bytes, size_t count);
