#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static ssize_t read_file(const char *path, char *bytes, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    ssize_t count = read(file, bytes, size);
    int error = errno;
    close(file);
    return count < 0 ? -error : count;
}

uint64_t clinux_start_time(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    ssize_t count = read_file(path, text, sizeof text - 1);
    if (count <= 0)
        return 0;
    text[count] = 0;
    // The name, field 2, may hold spaces and parentheses: count from its end.
    char *field = strrchr(text, ')');
    for (int number = 2; field && number < 22; number++)
        field = strchr(field + 1, ' ');
    return field ? strtoull(field + 1, NULL, 10) : 0;
}

int clinux_boot_id(char text[37]) {
    ssize_t count = read_file("/proc/sys/kernel/random/boot_id", text, 36);
    text[count == 36 ? 36 : 0] = 0;
    return count == 36 ? 0 : count < 0 ? (int)-count : EIO;
}

int clinux_pidfd_open(pid_t pid) {
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 ? 0 : errno;
}

static int fail(int report, int error) {
    if (write(report, &error, sizeof error) < 0)
        _exit(126);
    _exit(125);
}

// The grandchild of the caller: everything after the second fork.
static void become_daemon(const char *path, char *const argv[], char *const envp[], int listener, int error, int report) {
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // Out of the way of 0 to 3 before these are set.
    int kept_report = fcntl(report, F_DUPFD_CLOEXEC, 10);
    int kept_error = fcntl(error, F_DUPFD_CLOEXEC, 10);
    int kept_listener = fcntl(listener, F_DUPFD_CLOEXEC, 10);
    int null = open("/dev/null", O_RDWR);
    if (kept_report < 0 || kept_error < 0 || kept_listener < 0 || null < 0)
        fail(report, errno);
    if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(kept_error, 2) < 0 || dup2(kept_listener, 3) < 0)
        fail(kept_report, errno);
    // The report goes to 4, which exec closes; nothing beyond it is left open.
    if (dup3(kept_report, 4, O_CLOEXEC) < 0)
        fail(kept_report, errno);
    if (syscall(SYS_close_range, 5, ~0U, 0) != 0)
        for (int descriptor = 5; descriptor < 65536; descriptor++)
            close(descriptor);
    if (chdir("/") != 0)
        fail(4, errno);
    execve(path, argv, envp);
    fail(4, errno);
}

int clinux_start_daemon(const char *path, char *const argv[], char *const envp[], int listener, int error) {
    int report[2], result = 0, status;
    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;
    pid_t child = fork();
    if (child == 0) {
        // Forked twice: the daemon is the child of init (or of a subreaper above), never of the caller.
        if (setsid() < 0)
            fail(report[1], errno);
        pid_t grandchild = fork();
        if (grandchild < 0)
            fail(report[1], errno);
        if (grandchild == 0)
            become_daemon(path, argv, envp, listener, error, report[1]);
        _exit(0);
    }
    if (child < 0)
        result = errno;
    close(report[1]);
    if (child > 0) {
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
        ssize_t count;
        do
            count = read(report[0], &result, sizeof result);
        while (count < 0 && errno == EINTR);
        if (count != sizeof result)
            result = 0;
    }
    close(report[0]);
    return result;
}
