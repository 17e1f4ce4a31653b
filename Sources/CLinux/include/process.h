#pragma once

#include <stdint.h>
#include <sys/types.h>

/// Field 22 of /proc/PID/stat, the start time in clock ticks after boot; 0 if there is no such process.
uint64_t clinux_start_time(pid_t pid);

/// Writes the 36 characters of the boot id and a NUL. Returns 0 or the errno.
int clinux_boot_id(char text[37]);

/// A descriptor for a process (pidfd_open(2)), or -errno.
int clinux_pidfd_open(pid_t pid);

/// Sends a signal to the process of a pidfd. Returns 0 or the errno.
int clinux_pidfd_send_signal(int pidfd, int signal);

/// Starts `path` in a session of its own, with `argv` and `envp`, standard descriptors on /dev/null but for `error`
/// as 2, and `listener` as descriptor 3; no other descriptor is left open. The process is no child of the caller.
/// Returns 0 or the errno of the step that failed, exec included.
int clinux_start_daemon(const char *path, char *const argv[], char *const envp[], int listener, int error);
