// double COUNT COMMAND ARGUMENT [shell]: starts COUNT processes that each start COMMAND and wait for it, as fast as it
// can, and waits for all: what any daemon pays that gives each command a supervisor of its own. That is this program, or
// the shell, which cron(8) gives to each command.
#define _GNU_SOURCE
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "--one") == 0) {
        pid_t pid = fork();
        if (pid == 0) {
            setsid();
            execl(argv[2], argv[2], argv[3], NULL);
            _exit(127);
        }
        return pid > 0 && waitpid(pid, NULL, 0) == pid ? 0 : 1;
    }
    if (argc != 4 && argc != 5)
        return 2;
    int count = atoi(argv[1]);
    for (int number = 0; number < count; number++) {
        char *own[] = {argv[0], "--one", argv[2], argv[3], NULL};
        char *shell[] = {"sh", "-c", "\"$0\" \"$1\"; exit $?", argv[2], argv[3], NULL};
        pid_t pid;
        if (posix_spawn(&pid, argc == 5 ? "/bin/sh" : "/proc/self/exe", NULL, NULL, argc == 5 ? shell : own, environ))
            return 1;
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
