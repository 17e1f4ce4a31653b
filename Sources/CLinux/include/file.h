#pragma once

/// Has the kernel begin to write a file's data to the disk (sync_file_range(2)); says nothing about its end.
void clinux_start_writeback(int descriptor);
