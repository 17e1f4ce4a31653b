#pragma once

#include <stddef.h>
#include <sys/types.h>

/// The uid, gid and pid that connected a Unix socket (SO_PEERCRED). Returns 0 or the errno.
int clinux_peer(int socket, uid_t *uid, gid_t *gid, pid_t *pid);

/// The supplementary groups of the process that connected a Unix socket (SO_PEERGROUPS), at most `count` of them.
/// Returns how many there are, which may be more than `count`: nothing is written then; or -errno.
int clinux_peer_groups(int socket, gid_t *groups, int count);

/// Sends bytes without blocking, the first of them with up to 8 descriptors (SCM_RIGHTS), never raising SIGPIPE.
/// Returns the number of bytes sent, or -errno.
ssize_t clinux_send(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count);

/// Receives bytes without blocking, with the descriptors that came with them, close-on-exec. At most 8 are taken; more
/// are closed. Returns the number of bytes, 0 at the end, or -errno.
ssize_t clinux_receive(int socket, void *bytes, size_t count, int descriptors[8], size_t *descriptor_count);

/// A Unix stream socket, close-on-exec and non-blocking, bound to `path` and listening. The mode of the socket is
/// `mode`. Returns the descriptor, or -errno.
int clinux_listen(const char *path, mode_t mode, int backlog);

/// A Unix stream socket, close-on-exec and non-blocking, connected to `path`. Returns the descriptor, or -errno:
/// -EAGAIN if the listener's queue is full.
int clinux_connect(const char *path);

/// A Unix datagram socket, close-on-exec and non-blocking, connected to `path`. Returns the descriptor, or -errno.
int clinux_connect_datagram(const char *path);

/// The next connection of a listening socket, close-on-exec and non-blocking, or -errno.
int clinux_accept(int listener);

/// A pipe whose two ends are close-on-exec and non-blocking. Returns 0 or the errno.
int clinux_pipe(int ends[2]);

/// Whether the peer of a Unix stream socket has closed it for both directions, without taking anything from it.
int clinux_is_closed(int socket);
