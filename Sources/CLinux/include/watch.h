#pragma once

#include <stdint.h>

/// An inotify(7) descriptor, close-on-exec and non-blocking, or -errno.
int clinux_watch_create(void);

/// Watches a file for being written and for the last close of a descriptor that could write. Returns the watch, or
/// -errno.
int clinux_watch_add(int descriptor, const char *path);

/// Watches a directory for files that are written, come or go, and for changes of their owners and modes. Returns the
/// watch, or -errno.
int clinux_watch_add_directory(int descriptor, const char *path);

/// Ends a watch.
void clinux_watch_remove(int descriptor, int watch);

/// The watches that have something new, each once, at most `capacity`; -1 as a watch stands for an overflow of the
/// kernel's queue. Returns their number, 0 if there is nothing, or -errno.
int clinux_watch_read(int descriptor, int *watches, int capacity);
