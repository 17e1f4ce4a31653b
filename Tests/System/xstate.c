// Loaded into user-mode Linux (LD_PRELOAD). Its buffer for a process's floating point state is smaller than that of a
// processor with AMX, and the kernel takes only a whole one: this adds the rest, in its first state.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { most = 1 << 16, features_offset = 512 };

static long call(long request, long process, void *address, void *data) {
    return syscall(SYS_ptrace, request, process, address, data);
}

long ptrace(enum __ptrace_request request, ...) {
    va_list arguments;
    va_start(arguments, request);
    pid_t process = va_arg(arguments, pid_t);
    void *address = va_arg(arguments, void *);
    struct iovec *part = va_arg(arguments, void *);
    va_end(arguments);
    int is_get = request == PTRACE_GETREGSET, is_set = request == PTRACE_SETREGSET;
    if ((uintptr_t)address != NT_X86_XSTATE || (!is_get && !is_set)) {
        // Unlike the system call, the function returns the word that was read.
        long word;
        if (request != PTRACE_PEEKTEXT && request != PTRACE_PEEKDATA && request != PTRACE_PEEKUSER)
            return call(request, process, address, part);
        long result = call(request, process, address, &word);
        return result < 0 ? result : word;
    }
    static _Thread_local unsigned char whole[most];
    struct iovec all = {whole, sizeof whole};
    if (call(PTRACE_GETREGSET, process, address, &all) < 0)
        return -1;
    size_t size = part->iov_len < all.iov_len ? part->iov_len : all.iov_len;
    if (is_get) {
        memcpy(part->iov_base, whole, size);
        part->iov_len = size;
        return 0;
    }
    memcpy(whole, part->iov_base, size);
    // AMX's two features are in their first state whatever stands beyond.
    uint64_t features;
    memcpy(&features, whole + features_offset, sizeof features);
    features &= ~(3ULL << 17);
    memcpy(whole + features_offset, &features, sizeof features);
    return call(PTRACE_SETREGSET, process, address, &all);
}
