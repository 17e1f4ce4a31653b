#include "CLinux.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

void clinux_signals_take(struct clinux_signals *entry) {
    static const int faults[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
    sigset_t all;
    sigfillset(&all);
    for (size_t index = 0; index < sizeof faults / sizeof *faults; index++)
        sigdelset(&all, faults[index]);
    sigprocmask(SIG_SETMASK, &all, &entry->mask);
    entry->ignored = 0;
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            entry->ignored |= UINT64_C(1) << (number - 1);
    }
    signal(SIGCHLD, SIG_DFL);
}

int clinux_signals_restore_actions(const struct clinux_signals *entry) {
    for (int number = 1; number < NSIG; number++) {
        // The C library keeps the first real-time signals for itself and refuses them with EINVAL.
        int ignored = entry->ignored >> (number - 1) & 1;
        if (number != SIGKILL && number != SIGSTOP && (number < 32 || number >= SIGRTMIN) &&
            signal(number, ignored ? SIG_IGN : SIG_DFL) == SIG_ERR)
            return errno;
    }
    return 0;
}

int clinux_signals_restore(const struct clinux_signals *entry) {
    int error = clinux_signals_restore_actions(entry);
    sigprocmask(SIG_SETMASK, &entry->mask, NULL);
    return error;
}

void clinux_signals_let_through(const struct clinux_signals *entry) {
    sigset_t own;
    sigprocmask(SIG_SETMASK, &entry->mask, &own);
    sigprocmask(SIG_SETMASK, &own, NULL);
}

int clinux_signals_open(uint64_t set) {
    sigset_t signals;
    sigemptyset(&signals);
    for (int number = 1; number < NSIG; number++)
        if (set >> (number - 1) & 1)
            sigaddset(&signals, number);
    int descriptor = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_signals_next(int descriptor, pid_t *sender) {
    struct signalfd_siginfo info;
    ssize_t count;
    do
        count = read(descriptor, &info, sizeof info);
    while (count < 0 && errno == EINTR);
    *sender = count == sizeof info ? (pid_t)info.ssi_pid : 0;
    return count == sizeof info ? (int)info.ssi_signo : count < 0 && errno != EAGAIN ? -errno : 0;
}

int clinux_stop_self(int number) {
    sigset_t one, before, pending;
    sigemptyset(&one);
    sigaddset(&one, number);
    if (raise(number) != 0)
        return 0;
    // Stops in here; a SIGCONT that came after the raise has taken the pending stop away.
    sigprocmask(SIG_UNBLOCK, &one, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return sigpending(&pending) == 0 && sigismember(&pending, SIGCONT) == 1;
}
