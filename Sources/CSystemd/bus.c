#include "CSystemd.h"
#include "library.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>

struct csystemd_bus {
    const struct csystemd_library *library;
    sd_bus *bus;
    /// The message whose texts the caller has.
    sd_bus_message *current;
};

static const char manager[] = "org.freedesktop.systemd1.Manager";

int csystemd_wake_open(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int csystemd_bus_open(struct csystemd_bus **bus) {
    const struct csystemd_library *library = csystemd_library();
    if (library == NULL)
        return ELIBACC;
    struct csystemd_bus *new = calloc(1, sizeof *new);
    if (new == NULL)
        return ENOMEM;
    new->library = library;
    int result = library->open_system(&new->bus);
    if (result < 0) {
        free(new);
        return -result;
    }
    *bus = new;
    return 0;
}

void csystemd_bus_close(struct csystemd_bus *bus) {
    bus->library->unref(bus->current);
    bus->library->close_unref(bus->bus);
    free(bus);
}

int csystemd_bus_poll(struct csystemd_bus *bus, int *descriptor, short *events, uint64_t *until) {
    int found = bus->library->get_fd(bus->bus);
    if (found < 0)
        return -found;
    int wanted = bus->library->get_events(bus->bus);
    if (wanted < 0)
        return -wanted;
    int result = bus->library->get_timeout(bus->bus, until);
    if (result < 0)
        return -result;
    *descriptor = found;
    *events = (short)wanted;
    return 0;
}

/// Sends a message and frees it, unless `error`, which is negative, has come before; then it only frees it.
static int finish(struct csystemd_bus *bus, sd_bus_message *message, int error, uint64_t *cookie) {
    int result = error < 0 ? error : bus->library->send(bus->bus, message, cookie);
    bus->library->unref(message);
    return result < 0 ? -result : 0;
}

static int call(struct csystemd_bus *bus, sd_bus_message **message, const char *interface, const char *member) {
    return bus->library->new_method_call(
        bus->bus, message, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", interface, member);
}

int csystemd_bus_watch_jobs(struct csystemd_bus *bus) {
    sd_bus_message *message = NULL;
    int result = bus->library->new_method_call(
        bus->bus, &message, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch");
    if (result >= 0)
        result = bus->library->append(
            message, "s",
            "type='signal',sender='org.freedesktop.systemd1',path='/org/freedesktop/systemd1',"
            "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'");
    return finish(bus, message, result, NULL);
}

int csystemd_bus_get(struct csystemd_bus *bus, const char *property, uint64_t *cookie) {
    sd_bus_message *message = NULL;
    int result = call(bus, &message, "org.freedesktop.DBus.Properties", "Get");
    if (result >= 0)
        result = bus->library->append(message, "ss", manager, property);
    return finish(bus, message, result, cookie);
}

int csystemd_bus_cancel_job(struct csystemd_bus *bus, uint32_t job) {
    sd_bus_message *message = NULL;
    int result = call(bus, &message, manager, "CancelJob");
    if (result >= 0)
        result = bus->library->append(message, "u", job);
    return finish(bus, message, result, NULL);
}

/// The properties of a scope, as an array of names with values.
static int append_properties(
    const struct csystemd_library *library, sd_bus_message *message, const struct csystemd_scope *scope) {
    const struct {
        const char *name;
        const char *value;
    } texts[] = {
        {"Description", scope->description},
        {"Slice", "charon.slice"},
        {"CollectMode", "inactive-or-failed"},
        // A process that is killed for lack of memory does not end the others, as under cron.
        {scope->has_oom_policy ? "OOMPolicy" : NULL, "continue"},
    };
    for (size_t at = 0; at < sizeof texts / sizeof *texts; at++)
        if (texts[at].name != NULL) {
            int result = library->append(message, "(sv)", texts[at].name, "s", texts[at].value);
            if (result < 0)
                return result;
        }
    int result = library->append(
        message, "(sv)(sv)(sv)(sv)(sv)", "PIDs", "au", 1, (uint32_t)scope->pid,
        // So the scope stops first at shutdown, then the daemon, which reports its end, and then the network.
        "After", "as", 2, "charond.service", "network-online.target", "KillSignal", "i", scope->stop_signal,
        "SendSIGHUP", "b", 0, "TimeoutStopUSec", "t", scope->stop_microseconds);
    if (result >= 0 && scope->memory > 0)
        result = library->append(
            message, "(sv)(sv)(sv)", "MemoryAccounting", "b", 1, "MemoryMax", "t", scope->memory, "MemorySwapMax", "t",
            (uint64_t)0);
    if (result >= 0 && scope->tasks > 0)
        result = library->append(message, "(sv)(sv)", "TasksAccounting", "b", 1, "TasksMax", "t", scope->tasks);
    if (result >= 0 && scope->cpu > 0)
        result = library->append(message, "(sv)", "CPUQuotaPerSecUSec", "t", scope->cpu);
    return result;
}

int csystemd_bus_start_scope(struct csystemd_bus *bus, const struct csystemd_scope *scope, uint64_t *cookie) {
    const struct csystemd_library *library = bus->library;
    sd_bus_message *message = NULL;
    int result = call(bus, &message, manager, "StartTransientUnit");
    if (result >= 0)
        result = library->append(message, "ss", scope->name, "fail");
    if (result >= 0)
        result = library->open_container(message, 'a', "(sv)");
    if (result >= 0)
        result = append_properties(library, message, scope);
    if (result >= 0)
        result = library->close_container(message);
    if (result >= 0)
        result = library->append(message, "a(sa(sv))", 0);
    return finish(bus, message, result, cookie);
}

/// What a message says; one that cannot be read says nothing.
static void decode(const struct csystemd_library *library, sd_bus_message *from, struct csystemd_message *message) {
    uint32_t job;
    const char *path;
    if (library->is_signal(from, manager, "JobRemoved") > 0) {
        if (library->read(from, "uoss", &job, &path, &message->name, &message->text) > 0)
            message->kind = csystemd_kind_job_removed;
        return;
    }
    if (library->get_reply_cookie(from, &message->cookie) < 0)
        return;
    const sd_bus_error *error = library->get_error(from);
    if (error != NULL) {
        message->kind = csystemd_kind_error;
        message->name = error->name;
        message->text = error->message;
        return;
    }
    int result = 0;
    if (library->has_signature(from, "o") > 0)
        result = library->read(from, "o", &message->text);
    else if (library->has_signature(from, "v") > 0)
        result = library->read(from, "v", "s", &message->text);
    if (result < 0)
        message->text = NULL;
    message->kind = csystemd_kind_answer;
}

int csystemd_bus_next(struct csystemd_bus *bus, struct csystemd_message *message) {
    const struct csystemd_library *library = bus->library;
    bus->current = library->unref(bus->current);
    *message = (struct csystemd_message){.kind = csystemd_kind_other};
    int result = library->process(bus->bus, &bus->current);
    if (result > 0 && bus->current != NULL)
        decode(library, bus->current, message);
    return result > 0 ? 1 : result;
}
