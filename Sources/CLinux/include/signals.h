#pragma once

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/// The signal state of the process as its caller had set it. Bit n-1 of `ignored` stands for signal n.
struct clinux_signals {
    sigset_t mask;
    uint64_t ignored;
};

/// Notes the signal state in `entry`, then blocks every signal that can be blocked and does not come from a fault of
/// the program itself, and sets an ignored SIGCHLD to its default, so that children can be waited for.
void clinux_signals_take(struct clinux_signals *entry);

/// Puts back the dispositions of `entry`, ignored or default. Returns 0 or the errno.
int clinux_signals_restore_actions(const struct clinux_signals *entry);

/// Puts back the dispositions of `entry` and then its mask. Returns 0 or the errno.
int clinux_signals_restore(const struct clinux_signals *entry);

/// Lets pending signals that the mask of `entry` does not block have their effect, as dispositions stand, and blocks them
/// again: the process may be stopped until it is continued, or end.
void clinux_signals_let_through(const struct clinux_signals *entry);

/// A non-blocking, close-on-exec signalfd(2) for the signals of `set`, bit n-1 for signal n. Or -errno.
int clinux_signals_open(uint64_t set);

/// The next signal of a signalfd, 0 if there is none, or -errno; `sender` is the process that sent it, 0 for the kernel
/// or one of another PID namespace.
int clinux_signals_next(int descriptor, pid_t *sender);

/// Stops this process by `signal` (SIGTSTP, SIGTTIN or SIGTTOU) although it is blocked, until SIGCONT comes.
/// Returns 1, or 0 if the kernel does not stop it: it is ignored, or the process group is orphaned.
int clinux_stop_self(int signal);
