#include "CLinux.h"

#include <errno.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <unistd.h>

int clinux_watch_create(void) {
    int descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_watch_add(int descriptor, const char *path) {
    int watch = inotify_add_watch(descriptor, path, IN_MODIFY | IN_CLOSE_WRITE);
    return watch < 0 ? -errno : watch;
}

int clinux_watch_add_directory(int descriptor, const char *path) {
    int watch = inotify_add_watch(
        descriptor, path, IN_ONLYDIR | IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF);
    return watch < 0 ? -errno : watch;
}

void clinux_watch_remove(int descriptor, int watch) { inotify_rm_watch(descriptor, watch); }

int clinux_watch_read(int descriptor, int *watches, int capacity) {
    _Alignas(struct inotify_event) char buffer[8192];
    ssize_t length = read(descriptor, buffer, sizeof buffer);
    if (length < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    int count = 0;
    for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= length;) {
        const struct inotify_event *event = (const struct inotify_event *)(buffer + at);
        at += sizeof *event + event->len;
        if (event->mask & IN_IGNORED)
            continue;
        int known = 0;
        for (int index = 0; index < count && !known; index++)
            known = watches[index] == event->wd;
        if (!known && count < capacity)
            watches[count++] = event->wd;
    }
    return count;
}
