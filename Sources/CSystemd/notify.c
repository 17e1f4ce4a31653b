#include "CSystemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

int csystemd_notify_open(void) {
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return descriptor < 0 ? -errno : descriptor;
}

int csystemd_notify(int socket, const char *address, const void *bytes, size_t count) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t length = strlen(address);
    if (length < 2 || (address[0] != '/' && address[0] != '@'))
        return EINVAL;
    if (length >= sizeof to.sun_path)
        return ENAMETOOLONG;
    memcpy(to.sun_path, address, length);
    // An abstract name ends with the address's length, a path with its NUL.
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (address[0] == '/'));
    if (address[0] == '@')
        to.sun_path[0] = 0;
    ssize_t sent;
    do
        sent = sendto(socket, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&to, size);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

static int option(int socket, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    return getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

enum csystemd_passed csystemd_take_passed(int descriptor) {
    struct stat status;
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 || fstat(descriptor, &status) != 0)
        return csystemd_passed_nothing;
    if (!S_ISSOCK(status.st_mode))
        return csystemd_passed_no_socket;
    if (option(descriptor, SO_DOMAIN) != AF_UNIX || option(descriptor, SO_TYPE) != SOCK_STREAM ||
        option(descriptor, SO_ACCEPTCONN) != 1)
        return csystemd_passed_other_socket;
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0)
        return csystemd_passed_nothing;
    return csystemd_passed_listener;
}
