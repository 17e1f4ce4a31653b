#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// A counter by which another thread ends a poll(2): eventfd(2), close-on-exec and non-blocking. Or -errno.
int csystemd_wake_open(void);

/// A connection to systemd over the system's bus, by libsystemd's sd-bus(3), which is loaded when it is first needed.
/// It is used by one thread at a time.
struct csystemd_bus;

/// Begins to connect; what is sent meanwhile waits. Returns 0 or the errno: ELIBACC if libsystemd.so.0 is not there.
int csystemd_bus_open(struct csystemd_bus **bus);

/// Ends a connection and frees it.
void csystemd_bus_close(struct csystemd_bus *bus);

/// What poll(2) should wait for: a descriptor, its events and a time of CLOCK_MONOTONIC in microseconds, UINT64_MAX for
/// never. Returns 0 or the errno.
int csystemd_bus_poll(struct csystemd_bus *bus, int *descriptor, short *events, uint64_t *until);

/// Asks for the signals of jobs of systemd that have ended. Returns 0 or the errno.
int csystemd_bus_watch_jobs(struct csystemd_bus *bus);

/// Asks for a property of systemd's manager that is a text. Returns 0 or the errno; the answer has the same cookie.
int csystemd_bus_get(struct csystemd_bus *bus, const char *property, uint64_t *cookie);

/// A scope for a process and its children; see systemd.scope(5) and systemd.resource-control(5).
struct csystemd_scope {
    const char *name;
    const char *description;
    pid_t pid;
    int stop_signal;
    uint64_t stop_microseconds;
    /// Bytes, tasks, and microseconds of processor time a second; 0 is no limit.
    uint64_t memory;
    uint64_t tasks;
    uint64_t cpu;
    /// Whether scopes of this systemd know `OOMPolicy=` (from 252 on).
    bool has_oom_policy;
};

/// Asks for a scope in charon.slice (StartTransientUnit of org.freedesktop.systemd1(5)). Returns 0 or the errno;
/// the answer, with the same cookie, is the path of the job that makes it.
int csystemd_bus_start_scope(struct csystemd_bus *bus, const struct csystemd_scope *scope, uint64_t *cookie);

/// Asks for the end of a job that has not been done; there is no answer. Returns 0 or the errno.
int csystemd_bus_cancel_job(struct csystemd_bus *bus, uint32_t job);

/// What kind of message has come.
enum csystemd_kind {
    /// Nothing that matters here.
    csystemd_kind_other,
    /// `text` answers what was sent with `cookie`.
    csystemd_kind_answer,
    /// What was sent with `cookie` failed: `name` of the error, `text` for a reader.
    csystemd_kind_error,
    /// The job of the unit `name` has ended with the result `text`.
    csystemd_kind_job_removed,
};

/// What has come. Texts may be NULL, and are good until the next call for the same bus.
struct csystemd_message {
    enum csystemd_kind kind;
    uint64_t cookie;
    const char *name;
    const char *text;
};

/// Sends and receives what is possible without waiting. Returns 1 with a message, 0 if there is none now, or -errno:
/// the connection is of no more use.
int csystemd_bus_next(struct csystemd_bus *bus, struct csystemd_message *message);
