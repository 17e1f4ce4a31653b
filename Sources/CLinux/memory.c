#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// The pages of a writable segment that were never written to still are the file's. The others must stay.
static void give_back_clean_pages(uintptr_t start, uintptr_t end, uintptr_t page, int pagemap) {
    const uint64_t is_file_page = UINT64_C(1) << 61; // Documentation/admin-guide/mm/pagemap.rst
    uint64_t entries[128];
    while (start < end && pagemap >= 0) {
        size_t count = (end - start) / page < 128 ? (end - start) / page : 128;
        if (pread(pagemap, entries, count * sizeof *entries, (off_t)(start / page * sizeof *entries)) !=
            (ssize_t)(count * sizeof *entries))
            return;
        for (size_t index = 0; index < count; index++)
            if (entries[index] & is_file_page)
                madvise((void *)(start + index * page), page, MADV_DONTNEED);
        start += count * page;
    }
}

static int give_back_segments(struct dl_phdr_info *object, size_t size, void *pagemap) {
    (void)size;
    const uintptr_t page = (uintptr_t)getpagesize();
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = object->dlpi_phdr + index;
        if (segment->p_type != PT_LOAD)
            continue;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz + page - 1) & ~(page - 1);
        if (segment->p_flags & PF_W)
            give_back_clean_pages(start, end, page, *(int *)pagemap);
        else
            madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

int clinux_poll_small(struct pollfd *descriptors, int count, int milliseconds) {
    malloc_trim(0);
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    dl_iterate_phdr(give_back_segments, &pagemap);
    if (pagemap >= 0)
        close(pagemap);
    int ready = poll(descriptors, (nfds_t)count, milliseconds);
    return ready < 0 ? -errno : ready;
}

void *clinux_map(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void clinux_map_empty(void *memory, size_t size) { madvise(memory, size, MADV_DONTNEED); }

void clinux_unmap(void *memory, size_t size) { munmap(memory, size); }

int clinux_reserve(int descriptor, size_t size) {
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) == 0 ? 0 : errno;
}

void clinux_limit_arenas(int count) { mallopt(M_ARENA_MAX, count); }

int clinux_memory(const char *name) {
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_sealed_memory(const char *name, const void *bytes, size_t count) {
    int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0)
        return -errno;
    for (size_t done = 0; done < count;) {
        ssize_t written = write(descriptor, (const char *)bytes + done, count - done);
        if (written > 0)
            done += (size_t)written;
        else if (written == 0 || errno != EINTR)
            goto failed;
    }
    if (fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return descriptor;
failed:;
    int error = errno ? errno : EIO;
    close(descriptor);
    return -error;
}
