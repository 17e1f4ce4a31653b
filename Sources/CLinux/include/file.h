#pragma once

/// Has the kernel begin to write a file's data to the disk (sync_file_range(2)); says nothing about its end.
void clinux_start_writeback(int descriptor);

/// Gives the disk's blocks of a part of a file back; it reads as zeros, and size and offsets stay (fallocate(2),
/// FALLOC_FL_PUNCH_HOLE). Returns 0, or the errno: EOPNOTSUPP where the file system cannot.
int clinux_punch_hole(int descriptor, long long offset, long long length);

/// The first byte from an offset on that is in no hole (SEEK_DATA in lseek(2)), or -errno: -ENXIO if there is none.
long long clinux_next_data(int descriptor, long long offset);
