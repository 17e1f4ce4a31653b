// Reads standard input to its end and writes each line with the prefix of output.log: what any program has to do that
// captures lines with time stamps. One clock reading for each read(2), one write(2) for each full buffer.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char in[65536], out[262144 + 65536];
static size_t used;

static void flush(void) {
    for (size_t done = 0; done < used;) {
        ssize_t count = write(1, out + done, used - done);
        if (count <= 0)
            _exit(1);
        done += (size_t)count;
    }
    used = 0;
}

int main(void) {
    char prefix[64];
    int at_start = 1;
    for (ssize_t count; (count = read(0, in, sizeof in)) > 0;) {
        struct timespec now;
        struct tm utc;
        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &utc);
        size_t length = strftime(prefix, sizeof prefix, "%Y-%m-%dT%H:%M:%S.", &utc);
        length += (size_t)snprintf(prefix + length, sizeof prefix - length, "%09ldZ stdout F ", now.tv_nsec);
        for (char *at = in, *end = in + count; at < end;) {
            char *newline = memchr(at, '\n', (size_t)(end - at));
            size_t size = (size_t)((newline ? newline + 1 : end) - at);
            if (at_start) {
                memcpy(out + used, prefix, length);
                used += length;
            }
            memcpy(out + used, at, size);
            used += size;
            at_start = newline != NULL;
            at += size;
            if (used > sizeof out - 65536 - 64)
                flush();
        }
    }
    flush();
    return 0;
}
