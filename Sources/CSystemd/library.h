#pragma once

#include <stdint.h>

// What is used of libsystemd, as sd-bus(3) documents it. Its headers are not needed to build, nor the library to run.
typedef struct sd_bus sd_bus;
typedef struct sd_bus_message sd_bus_message;

typedef struct {
    const char *name;
    const char *message;
    int need_free;
} sd_bus_error;

struct csystemd_library {
    int (*open_system)(sd_bus **bus);
    sd_bus *(*close_unref)(sd_bus *bus);
    int (*get_fd)(sd_bus *bus);
    int (*get_events)(sd_bus *bus);
    int (*get_timeout)(sd_bus *bus, uint64_t *until);
    int (*process)(sd_bus *bus, sd_bus_message **message);
    int (*send)(sd_bus *bus, sd_bus_message *message, uint64_t *cookie);
    int (*new_method_call)(
        sd_bus *bus, sd_bus_message **message, const char *destination, const char *path, const char *interface,
        const char *member);
    int (*append)(sd_bus_message *message, const char *types, ...);
    int (*open_container)(sd_bus_message *message, char type, const char *contents);
    int (*close_container)(sd_bus_message *message);
    int (*read)(sd_bus_message *message, const char *types, ...);
    int (*has_signature)(sd_bus_message *message, const char *signature);
    int (*is_signal)(sd_bus_message *message, const char *interface, const char *member);
    int (*get_reply_cookie)(sd_bus_message *message, uint64_t *cookie);
    const sd_bus_error *(*get_error)(sd_bus_message *message);
    sd_bus_message *(*unref)(sd_bus_message *message);
};

/// The library, loaded once; NULL if it is not there or lacks one of these functions.
const struct csystemd_library *csystemd_library(void);
