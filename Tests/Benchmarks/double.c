// double COUNT COMMAND: starts COUNT processes that each start COMMAND and wait for it, as fast as it can, and waits for
// all: what any daemon pays that gives each command a supervisor of its own.
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
    if (argc != 4)
        return 2;
    int count = atoi(argv[1]);
    for (int number = 0; number < count; number++) {
        char *words[] = {argv[0], "--one", argv[2], argv[3], NULL};
        pid_t pid;
        if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, words, environ) != 0)
            return 1;
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
