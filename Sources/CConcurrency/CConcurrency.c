#include "CConcurrency.h"

// The runtime's own declarations are in no header that is installed.
#define SWIFT __attribute__((swiftcall))
typedef SWIFT void (*original)(void *job);
extern SWIFT void (*swift_task_enqueueGlobal_hook)(void *job, original);
extern SWIFT void swift_job_run(void *job, void *identity, void *implementation);

static void (*take)(void *job);

static SWIFT void hook(void *job, original ignored) {
    (void)ignored;
    take(job);
}

void cconcurrency_take_tasks(void (*enqueue)(void *job)) {
    take = enqueue;
    swift_task_enqueueGlobal_hook = hook;
}

void cconcurrency_run(void *job) {
    // Two nulls are the generic executor.
    swift_job_run(job, 0, 0);
}
