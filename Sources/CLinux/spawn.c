#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_capture_pipe(int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return error;
    }
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

static ssize_t read_whole(int descriptor, void *bytes, size_t size) {
    ssize_t count;
    do
        count = read(descriptor, bytes, size);
    while (count < 0 && errno == EINTR);
    return count;
}

static void name_step(struct clinux_failure *failure, const char *step, int error) {
    memset(failure, 0, sizeof *failure);
    failure->error = error;
    strncpy(failure->step, step, sizeof failure->step - 1);
}

// In the child. A message of this size is atomic in a pipe, and the caller reads it or is dead.
static _Noreturn void give_up(int report, const char *step, int error) {
    struct clinux_failure failure;
    name_step(&failure, step, error);
    if (write(report, &failure, sizeof failure) < 0)
        _exit(126);
    _exit(127);
}

// The privileges last but for what needs the user's own rights: nothing of the user's may act before it is his process.
static void take_on(const struct clinux_setup *setup, int report) {
    for (int index = 0; index < setup->limit_count; index++)
        if (setrlimit((__rlimit_resource_t)setup->limits[index].resource, &setup->limits[index].value) != 0)
            give_up(report, setup->limits[index].step, errno);
    if (setup->has_nice && setpriority(PRIO_PROCESS, 0, setup->nice) != 0)
        give_up(report, "setpriority", errno);
    if (setup->io_priority >= 0 && syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, setup->io_priority) != 0)
        give_up(report, "ioprio_set", errno);
    if (setup->has_user) {
        // A caller that is this user already may keep its groups, which only root can set.
        int is_user = getuid() == setup->user && geteuid() == setup->user && geteuid() != 0;
        if (!is_user && setgroups((size_t)setup->group_count, setup->groups) != 0)
            give_up(report, "setgroups", errno);
        if (setresgid(setup->group, setup->group, setup->group) != 0)
            give_up(report, "setgid", errno);
        if (setresuid(setup->user, setup->user, setup->user) != 0)
            give_up(report, "setuid", errno);
    }
    if (setup->has_umask)
        umask(setup->umask);
    if (setup->directory && chdir(setup->directory) != 0)
        give_up(report, "chdir", errno);
}

// What the pipe of the release carries.
enum { background = 'b', foreground = 'f' };

static _Noreturn void become_command(const struct clinux_spawn *spawn, int released, int report) {
    char byte = 0;
    if (spawn->own_session ? setsid() < 0 : setpgid(0, 0) != 0)
        give_up(report, spawn->own_session ? "setsid" : "setpgid", errno);
    if (dup2(spawn->output, STDOUT_FILENO) < 0 || dup2(spawn->error, STDERR_FILENO) < 0)
        give_up(report, "dup2", errno);
    if (spawn->descriptor_limit && setrlimit(RLIMIT_NOFILE, spawn->descriptor_limit) != 0)
        give_up(report, "setrlimit", errno);
    int error = clinux_signals_restore_actions(spawn->signals);
    if (error)
        give_up(report, "sigaction", error);
    // An empty failure says that the group exists and can be named in the record.
    struct clinux_failure ready = {0};
    if (write(report, &ready, sizeof ready) != sizeof ready)
        _exit(127);
    if (read_whole(released, &byte, 1) != 1)
        _exit(127);
    // SIGTTOU is blocked here, so a group in the background may do this. Where it fails, the command asks for the
    // terminal by SIGTTIN when it reads.
    if (byte == foreground)
        tcsetpgrp(STDIN_FILENO, getpid());
    if (spawn->setup)
        take_on(spawn->setup, report);
    sigprocmask(SIG_SETMASK, &spawn->signals->mask, NULL);
    // execvp takes PATH from here.
    environ = (char **)spawn->envp;
    execvp(spawn->argv[0], spawn->argv);
    give_up(report, "exec", errno);
}

int clinux_spawn(const struct clinux_spawn *spawn, struct clinux_child *child, struct clinux_failure *failure) {
    int release[2] = {-1, -1}, report[2] = {-1, -1}, error = 0;
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    name_step(failure, "", 0);
    pid_t pid = -1;
    if (pipe2(release, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0)
        name_step(failure, "pipe", errno);
    else if ((pid = fork()) < 0)
        name_step(failure, "fork", errno);
    if (pid == 0) {
        // Its own copy of the write end would keep it waiting for a caller that is dead.
        close(release[1]);
        become_command(spawn, release[0], report[1]);
    }
    if (report[1] >= 0)
        close(report[1]);
    if (release[0] >= 0)
        close(release[0]);
    if (pid > 0) {
        if (read_whole(report[0], failure, sizeof *failure) != sizeof *failure)
            name_step(failure, "fork", ECHILD);
        if (failure->error)
            while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
    }
    error = failure->error;
    if (!error && fcntl(report[0], F_SETFL, O_NONBLOCK) != 0) {
        error = errno;
        name_step(failure, "fcntl", error);
    }
    if (error) {
        if (release[1] >= 0)
            close(release[1]);
        if (report[0] >= 0)
            close(report[0]);
    } else {
        *child = (struct clinux_child){.pid = pid, .release = release[1], .report = report[0]};
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return error;
}

void clinux_release(struct clinux_child *child, int takes_terminal) {
    char byte = takes_terminal ? foreground : background;
    // A child that is dead already has closed its end; its exit says more than this write could.
    while (write(child->release, &byte, 1) < 0 && errno == EINTR)
        ;
    close(child->release);
    child->release = -1;
}

void clinux_abandon(struct clinux_child *child) {
    close(child->release);
    close(child->report);
    // One that is stopped or traced would not see that its pipe has ended.
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

int clinux_report(int report, struct clinux_failure *failure) {
    ssize_t count = read_whole(report, failure, sizeof *failure);
    return count == sizeof *failure ? 1 : count < 0 ? -errno : 0;
}

static int wait_for_change(pid_t pid, int options, struct clinux_change *change) {
    siginfo_t info = {0};
    int result;
    do
        result = waitid(pid < 0 ? P_ALL : P_PID, pid < 0 ? 0 : (id_t)pid, &info, options | WNOHANG);
    while (result < 0 && errno == EINTR);
    if (result < 0 || info.si_pid == 0)
        return 0;
    change->pid = info.si_pid;
    change->value = info.si_status;
    change->kind = info.si_code == CLD_EXITED                                 ? clinux_exited
                   : info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED ? clinux_killed
                                                                              : clinux_stopped;
    return 1;
}

int clinux_peek_end(pid_t pid, struct clinux_change *change) {
    return wait_for_change(pid, WEXITED | WNOWAIT, change);
}

int clinux_take_stop(pid_t pid, struct clinux_change *change) { return wait_for_change(pid, WSTOPPED, change); }

int clinux_reap(pid_t pid, struct rusage *usage) {
    pid_t reaped;
    do
        reaped = wait4(pid, NULL, WNOHANG, usage);
    while (reaped < 0 && errno == EINTR);
    return reaped > 0 ? 0 : reaped == 0 ? EAGAIN : errno;
}

static void close_range_of(unsigned first, unsigned last) {
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
    struct rlimit limit;
    unsigned end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (unsigned)limit.rlim_cur : 65536;
    for (unsigned descriptor = first; descriptor <= last && descriptor < end; descriptor++)
        close((int)descriptor);
}

pid_t clinux_fork_detached(const int *kept, int count, const char *name) {
    int closing[2];
    if (pipe2(closing, O_CLOEXEC) != 0)
        return -errno;
    pid_t pid = fork();
    int error = errno;
    if (pid != 0) {
        // The write end goes with everything else that the new process closes: its end says that this is done.
        char byte;
        close(closing[1]);
        if (pid > 0)
            read_whole(closing[0], &byte, 1);
        close(closing[0]);
        return pid < 0 ? -error : pid;
    }
    static const struct clinux_signals defaults;
    setsid();
    int null = open("/dev/null", O_RDWR);
    // Without a /dev/null the caller's descriptors still have to go.
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (null < 0 || dup2(null, descriptor) < 0)
            close(descriptor);
    unsigned next = 3;
    for (int index = 0; index < count; index++) {
        close_range_of(next, (unsigned)kept[index] - 1);
        next = (unsigned)kept[index] + 1;
    }
    close_range_of(next, ~0U);
    prctl(PR_SET_NAME, name);
    clinux_signals_restore(&defaults);
    return 0;
}

int clinux_blocking_pipe(int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

enum { most_descriptors = 8 };

int clinux_start_supervisor(const char *path, char *const argv[], char *const envp[], int error,
                            const int *descriptors, int count, pid_t *pid) {
    int moved[most_descriptors], result = 0, made = 0;
    if (count > most_descriptors)
        return EINVAL;
    // Out of the way of the numbers that they get.
    for (; made < count && !result; made++)
        if ((moved[made] = fcntl(descriptors[made], F_DUPFD_CLOEXEC, 3 + most_descriptors)) < 0)
            result = errno;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_adddup2(&actions, error, 2);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (int index = 0; index < count; index++)
        posix_spawn_file_actions_adddup2(&actions, moved[index], 3 + index);
    if (!result)
        result = posix_spawn(pid, path, &actions, &attributes, argv, envp);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (int index = 0; index < made; index++)
        if (moved[index] >= 0)
            close(moved[index]);
    return result;
}

void clinux_reap_children(void) {
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    sigaction(SIGCHLD, &action, NULL);
}

int clinux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : errno; }
