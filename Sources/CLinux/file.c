#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void clinux_start_writeback(int descriptor) {
    // What fails here is for fsync to say.
    (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int clinux_punch_hole(int descriptor, long long offset, long long length) {
    int result;
    do
        result = fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)length);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

long long clinux_next_data(int descriptor, long long offset) {
    off_t found = lseek(descriptor, (off_t)offset, SEEK_DATA);
    return found >= 0 ? found : -errno;
}
