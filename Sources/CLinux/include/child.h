#pragma once

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "signals.h"

/// A close-on-exec pipe whose read end does not block; that is no business of the writers at the other end.
/// Returns 0 or the errno.
int clinux_capture_pipe(int *read_end, int *write_end);

/// One limit of setrlimit(2), with the name of the step that sets it.
struct clinux_limit {
    int resource;
    const char *step;
    struct rlimit value;
};

/// What a process takes on before its exec, in this order; what is not asked for stays as it is.
struct clinux_setup {
    const struct clinux_limit *limits;
    int limit_count;
    int has_nice;
    int nice;
    /// As ioprio_set(2) has it, or -1.
    int io_priority;
    /// Groups, group and user, real, effective and saved, which end all privileges unless the user is root.
    int has_user;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    int group_count;
    int has_umask;
    mode_t umask;
    /// Entered with the rights of that user, or NULL.
    const char *directory;
};

/// How to start a command. Steps that are not asked for are left out.
struct clinux_spawn {
    /// The words of the command, the first looked up in the PATH of `envp` if it has no slash; both end with NULL.
    char *const *argv;
    char *const *envp;
    /// What become its standard output and error.
    int output;
    int error;
    /// 1: a session of its own (setsid); 0: a process group of its own in the caller's session.
    int own_session;
    /// The signal state that it gets.
    const struct clinux_signals *signals;
    /// The limit of open descriptors that it gets, or NULL for the caller's.
    const struct rlimit *descriptor_limit;
    /// What it takes on after its release, or NULL.
    const struct clinux_setup *setup;
};

/// A step that failed, by the name of what it does, with its errno.
struct clinux_failure {
    int error;
    char step[28];
};

/// A command between fork and exec: it leads its group and waits for `clinux_release`.
struct clinux_child {
    pid_t pid;
    /// Write end of the pipe that holds it back.
    int release;
    /// Read end of the pipe that tells of a failed step; non-blocking; its end without one means exec.
    int report;
};

/// Forks. The new process waits in its group or session until `clinux_release`, and ends if the caller dies before.
/// Returns 0, or the errno with the step that failed in `failure`; nothing is left behind then.
int clinux_spawn(const struct clinux_spawn *spawn, struct clinux_child *child, struct clinux_failure *failure);

/// Lets the process go on to its exec. It first becomes the foreground group of the terminal on its standard input, if it
/// can, where `takes_terminal` is not 0.
void clinux_release(struct clinux_child *child, int takes_terminal);

/// Ends and reaps the process, which was not released.
void clinux_abandon(struct clinux_child *child);

/// What the report pipe tells: 1 a step failed, 0 the command runs (or died before its exec), -EAGAIN not known yet,
/// or another -errno.
int clinux_report(int report, struct clinux_failure *failure);

enum clinux_change_kind { clinux_exited = 1, clinux_killed, clinux_stopped };

/// What happened to a child: its exit code, or the signal that ended or stopped it.
struct clinux_change {
    pid_t pid;
    enum clinux_change_kind kind;
    int value;
};

/// Whether the child `pid`, or any child for -1, has ended, without reaping it: 1 with `change`, or 0.
int clinux_peek_end(pid_t pid, struct clinux_change *change);

/// Takes the news that the child `pid` was stopped: 1 with `change`, or 0.
int clinux_take_stop(pid_t pid, struct clinux_change *change);

/// Reaps an ended child. Returns 0 with what it and its reaped children used, or the errno.
int clinux_reap(pid_t pid, struct rusage *usage);

/// Forks a process that keeps nothing of the caller but the `count` descriptors of `kept` (all above 2, ascending): it
/// has a session of its own, 0, 1 and 2 on /dev/null, no signal blocked or ignored, and `name`. The rest is closed when
/// this returns.
/// Returns 0 in that process, its pid in the caller, or -errno.
pid_t clinux_fork_detached(const int *kept, int count, const char *name);

/// A close-on-exec pipe whose both ends block. Returns 0 or the errno.
int clinux_blocking_pipe(int *read_end, int *write_end);

/// Starts `path` in a session of its own, as a child that the kernel reaps where SIGCHLD has SA_NOCLDWAIT: standard input
/// and output on /dev/null, `error` as 2, the `count` descriptors from 3 on, no signal blocked or ignored. What is not
/// close-on-exec is open in it too. Returns 0 with its pid, or the errno of the step that failed, exec included.
int clinux_start_supervisor(const char *path, char *const argv[], char *const envp[], int error,
                            const int *descriptors, int count, pid_t *pid);

/// Has the kernel reap children as they end, without changing what they inherit (SA_NOCLDWAIT in sigaction(2)).
void clinux_reap_children(void);

/// Makes this process the one that gets the orphans among its descendants (PR_SET_CHILD_SUBREAPER).
int clinux_become_subreaper(void);
