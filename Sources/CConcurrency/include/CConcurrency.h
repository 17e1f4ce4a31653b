#pragma once

/// Has Swift's runtime give every task that is ready to run, and belongs to no executor of its own, to `enqueue`, which
/// may be called on any thread (swift_task_enqueueGlobal_hook in swift/Runtime/Concurrency.h).
void cconcurrency_take_tasks(void (*enqueue)(void *job));

/// Runs a job that `enqueue` was given, up to where it suspends.
void cconcurrency_run(void *job);
