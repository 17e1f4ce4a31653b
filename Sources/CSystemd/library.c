#include "library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdbool.h>
#include <string.h>

static struct csystemd_library library;
static bool is_loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool find(void *handle, const char *name, void *function) {
    void *symbol = dlsym(handle, name);
    // POSIX has functions and data pointers of one size, C does not convert between them.
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static void load(void) {
    // It stays loaded: it keeps data of threads.
    void *handle = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    is_loaded = handle != NULL && find(handle, "sd_bus_open_system", &library.open_system) &&
                find(handle, "sd_bus_close_unref", &library.close_unref) &&
                find(handle, "sd_bus_get_fd", &library.get_fd) &&
                find(handle, "sd_bus_get_events", &library.get_events) &&
                find(handle, "sd_bus_get_timeout", &library.get_timeout) &&
                find(handle, "sd_bus_process", &library.process) && find(handle, "sd_bus_send", &library.send) &&
                find(handle, "sd_bus_message_new_method_call", &library.new_method_call) &&
                find(handle, "sd_bus_message_append", &library.append) &&
                find(handle, "sd_bus_message_open_container", &library.open_container) &&
                find(handle, "sd_bus_message_close_container", &library.close_container) &&
                find(handle, "sd_bus_message_read", &library.read) &&
                find(handle, "sd_bus_message_has_signature", &library.has_signature) &&
                find(handle, "sd_bus_message_is_signal", &library.is_signal) &&
                find(handle, "sd_bus_message_get_reply_cookie", &library.get_reply_cookie) &&
                find(handle, "sd_bus_message_get_error", &library.get_error) &&
                find(handle, "sd_bus_message_unref", &library.unref);
}

const struct csystemd_library *csystemd_library(void) {
    pthread_once(&once, load);
    return is_loaded ? &library : NULL;
}
